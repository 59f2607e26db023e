"""What is asked of SLURM for jobs, how they are sent, and what it says of those of this user."""

import io
import logging
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from attnlab.errors import UserError

log = logging.getLogger(__name__)

SETUP = [
    # What SLURM signals is for the processes of the run: the job's shell waits for them.
    "trap : USR1 USR2 TERM",
    # submitit looks for a master's address nowhere, Lightning takes the first node's name.
    'export MASTER_ADDR="${MASTER_ADDR:-$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)}"',
]
# A signal before submitit listens is none.
PYTHON = f"""bash -c 'trap "" USR1 USR2 TERM; exec "$@"' - {shlex.quote(sys.executable)}"""
# States of jobs that SLURM is done with. One that it is about to put back in the queue may have one for a moment.
OVER = (
    "BOOT_FAIL",
    "CANCELLED",
    "COMPLETED",
    "DEADLINE",
    "FAILED",
    "NODE_FAIL",
    "OUT_OF_MEMORY",
    "PREEMPTED",
    "REVOKED",
    "TIMEOUT",
)

# What SLURM's programs say where they are installed and no cluster is, or where its controller can't be reached.
UNANSWERED = re.compile(r"configuration source|fetch_config|DNS SRV lookup|Unable to contact slurm controller", re.I)
ANSWER_SECONDS = 20.0


@dataclass(frozen=True)
class Asked:
    """What is asked of SLURM for a job, as `conf/hydra/launcher/slurm.yaml` says it.

    Attributes:
        folder: of the jobs' scripts and output, absolute.
        max_num_timeout: how often a job may come to its time limit.
        parameters: as submitit's AutoExecutor takes them; what isn't there is left to SLURM.
    """

    folder: Path
    max_num_timeout: int
    parameters: Mapping[str, Any]

    def for_one_process(self) -> "Asked":
        """The same for what is one process, on one device, whatever a run has."""
        changed = {"nodes": 1, "tasks_per_node": 1}
        if self.parameters.get("gpus_per_node"):
            changed["gpus_per_node"] = 1
        return Asked(self.folder, self.max_num_timeout, {**self.parameters, **changed})


class Queued(NamedTuple):
    """A job that SLURM knows: its state, and the script that it was sent as."""

    state: str
    script: Path

    @property
    def is_alive(self) -> bool:
        """Whether it waits or runs."""
        return self.state not in OVER


def setup() -> list[str]:
    """What a job's shell does first. Of the working folder, in which anybody's modules may lie, its Python takes none,
    unless the command that sends the job does, as where code of the user's own is named."""
    return SETUP if os.getcwd() in sys.path else [*SETUP, "export PYTHONSAFEPATH=1"]


def check_there() -> None:
    """Raise UserError where no job can be sent from."""
    if shutil.which("sbatch") is None:
        raise UserError("there is no sbatch here, got hydra/launcher=slurm (start it on the cluster's login node)")
    if find_spec("submitit") is None:
        raise UserError(
            "hydra/launcher=slurm needs more than is installed (run: pip install -e '.[slurm]' in attnlab's checkout)"
        )
    _check_answers()


def _check_answers() -> None:
    """Raise UserError where sbatch can't even say its version, which it looks for its cluster for."""
    try:
        done = subprocess.run(
            ["sbatch", "--version"], capture_output=True, text=True, timeout=ANSWER_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError):  # sending tells what there is to tell
        return
    if done.returncode and UNANSWERED.search(done.stderr):
        raise _unanswered(done.stderr)


def _unanswered(said: str) -> UserError:
    return UserError(
        f"no SLURM answers here, got hydra/launcher=slurm: {reason(said)} (start it on the cluster's login node, or "
        "set hydra/launcher=local)"
    )


def reason(said: str) -> str:
    """Of what a program of SLURM's prints as it fails the last line, which comes to the point, without its name."""
    lines = [line for each in said.splitlines() if (line := " ".join(each.split()))]
    return re.sub(r"^s[a-z]+: (?:(?:error|fatal): )?", "", lines[-1]) if lines else "it says nothing"


def send(asked: Asked, calls: Sequence[Callable[[], Any]], *, folder: Path | None = None) -> list[Any]:
    """Send jobs that call these, all of them one array; submitit's jobs, in the same order.

    Args:
        calls: picklable, with a `checkpoint` that says what a job does which comes back.
        folder: of their scripts and output; None: that of `asked`.

    Raises:
        UserError: what is asked can't be, or SLURM refuses it.
    """
    check_there()
    import submitit
    from submitit.core.utils import FailedJobError, FailedSubmissionError

    try:
        executor = submitit.AutoExecutor(
            folder or asked.folder,
            cluster="slurm",
            slurm_max_num_timeout=asked.max_num_timeout,
            slurm_python=PYTHON,
        )
        executor.update_parameters(**asked.parameters)
        with redirect_stderr(io.StringIO()):  # submitit prints there what it raises, too
            jobs: list[Any] = executor.submit_array(list(calls))
    except (AssertionError, NameError, TypeError, ValueError) as error:  # submitit's own checks
        raise UserError(f"SLURM can't be asked for this: {_said(error)} (set hydra.launcher.*)") from error
    except (FailedJobError, FailedSubmissionError) as error:
        if UNANSWERED.search(str(error)):
            raise _unanswered(str(error)) from error
        raise UserError(f"SLURM refuses these jobs: {_said(error)} (set hydra.launcher.*)") from error
    return jobs


def queued() -> dict[str, Queued] | None:
    """The jobs of this user by their names, such as `12` or `12_3`; None if SLURM doesn't answer.

    Those that have ended are among them as long as SLURM remembers.
    """
    command = ["squeue", "--noheader", "--array", "--me", "--states=all", "--format=%i|%T|%o"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("SLURM doesn't answer: %s", _said(error))
        return None
    rows = [line.strip().split("|", 2) for line in done.stdout.splitlines() if line.count("|") >= 2]
    return {name: Queued(state, Path(script)) for name, state, script in rows}


def _said(error: Exception) -> str:
    return " ".join(str(error).split())
