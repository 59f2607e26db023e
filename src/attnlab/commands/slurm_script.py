"""`attnlab slurm-script`: a plain sbatch script for one run, on one node or several."""

import os
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attnlab.commands import arguments as arguments_of
from attnlab.commands.train import resume
from attnlab.commands.train.named_runs import with_named_runs
from attnlab.config import compose, sweep_overrides
from attnlab.config.resolvers import devices_per_node
from attnlab.errors import UserError
from attnlab.files import writing
from attnlab.language import either
from attnlab.reading.shown import tell

SCRIPT = """\
#!/usr/bin/env bash
# {command}
# Send it with `sbatch {out}`. The job goes on in the same run folder however often it is put back in the queue.
{options}
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=SIGUSR1@{warn_seconds}

cd {folder}
unset PYTHONDONTWRITEBYTECODE
{setup}# The processes meet at the first node; set MASTER_ADDR where its name can't be resolved.
export MASTER_ADDR="${{MASTER_ADDR:-$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)}}"
# What SLURM signals is for the processes of the run: this shell waits for them, and they wait till Python listens.
trap : USR1 USR2 TERM
srun --kill-on-bad-exit=1 bash -c 'trap "" USR1 USR2 TERM; exec "$@"' - \\
  {python} -m attnlab train {overrides}
status=$?
exit $status
"""


def run(arguments: list[str]) -> int:
    """Print the script, or write it to `--out`; returns the exit status.

    Raises:
        UserError: an override or an option that doesn't fit.
    """
    parser = arguments_of.parser("slurm-script", "Write an sbatch script for one run; KEY=VALUE as of attnlab train.")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to write it; without, it is printed")
    parser.add_argument("--name", default="attnlab", help="of the job")
    parser.add_argument("--time", default="04:00:00", help="the job's limit, after which it is put back in the queue")
    parser.add_argument("--warn", type=int, default=180, metavar="SECONDS", help="before the limit, time to write")
    parser.add_argument("--partition")
    parser.add_argument("--account")
    parser.add_argument("--qos")
    parser.add_argument("--constraint")
    parser.add_argument("--cpus-per-task", type=int, default=2, metavar="CORES", help="of each process")
    parser.add_argument("--mem", help="of a node, e.g. 16G")
    parser.add_argument("--setup", action="append", default=[], metavar="COMMAND", help="a line before the run")
    parser.add_argument("--config-dir", type=Path, action="append", default=[], help="a folder of your own configs")
    arguments = with_named_runs(arguments)  # when the job begins, another run may be the last
    options = parser.parse_intermixed_args(arguments)
    script = _script(options, ["slurm-script", *arguments])
    if options.out is None:
        print(script, end="")
        return 0
    with writing(options.out, remedy="set --out"):
        options.out.write_text(script, encoding="utf-8")  # it may be no file, such as /dev/stdout
    tell(either(f"wrote {options.out}: sbatch {options.out}", f"已写出 {options.out}；提交：sbatch {options.out}"))
    return 0


# sbatch's own grammar: it refuses the script only when it is sent, and takes some of what is wrong.
DAYS = re.compile(r"(\d+)-(\d{1,2})(?::(\d{1,2}))?(?::(\d{1,2}))?")
MEMORY = re.compile(r"\d+([KMGT]B?)?", re.IGNORECASE)
MOST_WARNING = 65535  # seconds that SLURM can count to


def _check(options: Any) -> None:
    """Raise UserError for an option that sbatch would refuse, or with which the job would never get on."""
    if options.name in ("bash", "interactive"):
        raise UserError(f"Lightning takes such a job for a shell, got {options.name} (set --name)")
    for name in ("name", "partition", "account", "qos", "constraint"):
        value = getattr(options, name)
        if value is not None and (not value.strip() or any(not letter.isprintable() for letter in value)):
            raise UserError(f"--{name} must be a name on one line, got {value!r} (set --{name})")
    if not 60 <= options.warn <= MOST_WARNING:
        raise UserError(
            f"--warn must be 60 or more, got {options.warn}: SLURM may send it a minute early (set --warn)"
            if options.warn < 60
            else f"--warn must be {MOST_WARNING} seconds or less, got {options.warn} (set --warn)"
        )
    if options.cpus_per_task < 1:
        raise UserError(f"--cpus-per-task must be 1 or more, got {options.cpus_per_task} (set --cpus-per-task)")
    if options.mem is not None and not MEMORY.fullmatch(options.mem):
        raise UserError(f"--mem must be a number with K, M, G or T, such as 16G, got {options.mem!r} (set --mem)")
    # Till Python listens, and for SLURM's minute.
    seconds, least = limit_seconds(options.time), options.warn + 120
    if seconds is not None and seconds < least:
        raise UserError(
            f"a job of {seconds} seconds would be put back in the queue before it trains, got --time {options.time} "
            f"with --warn {options.warn} (set --time to {least} seconds or more, or a smaller --warn)"
        )


def limit_seconds(text: str) -> int | None:
    """A time limit as sbatch reads it: MM, MM:SS, HH:MM:SS, D-HH, D-HH:MM or D-HH:MM:SS; None: no limit.

    Raises:
        UserError: it is none of these.
    """
    if text.lower() in ("0", "infinite", "unlimited"):
        return None
    if match := DAYS.fullmatch(text):
        days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    elif re.fullmatch(r"\d+(:\d{1,2}){0,2}", text):
        parts = [int(part) for part in text.split(":")]
        hours, minutes, seconds = parts if len(parts) == 3 else (0, parts[0], parts[1] if len(parts) == 2 else 0)
        days = 0
    else:
        raise UserError(
            f"--time must be as sbatch takes it, D-HH:MM:SS, HH:MM:SS or minutes, got {text!r} (set --time)"
        )
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _script(options: Any, command: Sequence[str]) -> str:
    _check(options)
    arguments_of.check_config_dirs(options.config_dir)
    folders = [str(folder.absolute()) for folder in options.config_dir]
    overrides = [compose.sugar(each) for each in options.overrides]
    if resume.asked(overrides):
        raise UserError(
            "a script is of a run by its overrides, got resume (drop it, and give the overrides that the run was begun "
            "with: it goes on where it stands)"
        )
    if swept := [each.input_line for each in compose.parse(overrides) if each.is_sweep_override()]:
        raise UserError(
            f"a script is of one run, got {swept[0]!r} (give one value; for a sweep attnlab train -m "
            "hydra/launcher=slurm)"
        )
    config = compose.compose_run(overrides, config_dirs=folders)
    try:
        devices = devices_per_node(config.trainer.devices)
    except ValueError as error:
        raise UserError(str(error)) from error
    given = {
        "job-name": options.name,
        "nodes": config.trainer.num_nodes,
        "ntasks-per-node": devices,
        "cpus-per-task": options.cpus_per_task,
        "gpus-per-node": devices if config.trainer.accelerator == "gpu" else None,
        "mem": options.mem,
        "time": options.time,
        "partition": options.partition,
        "account": options.account,
        "qos": options.qos,
        "constraint": options.constraint,
        "output": re.sub(r"[^\w.-]", "_", options.name) + "-%j.out",
    }
    extra = [f"--config-dir={folder}" for folder in folders]
    # A terminal's bar would fill the log.
    quiet = (
        []
        if "trainer.enable_progress_bar" in sweep_overrides.keys(overrides)
        else ["trainer.enable_progress_bar=false"]
    )
    return SCRIPT.format(
        command=shlex.join(["attnlab", *command]),
        out=options.out or "FILE",
        options="\n".join(
            f"#SBATCH --{key}={shlex.quote(str(value))}" for key, value in given.items() if value is not None
        ),
        warn_seconds=options.warn,
        folder=shlex.quote(os.getcwd()),
        setup="".join(line + "\n" for line in options.setup),
        python=shlex.quote(sys.executable),
        overrides=shlex.join([*overrides, *quiet, *extra]),
    )
