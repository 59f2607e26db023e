"""Sweeps: what is known before the first run, one run among others, and what became of them all."""

import json
import logging
import re
import time
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from attnlab.config import compose, sweep_overrides
from attnlab.config.validated import check_validated
from attnlab.errors import UserError, one_line
from attnlab.files import say, unwritable, write_text
from attnlab.language import either
from attnlab.launch.ending import DONE, IN_CHINESE, Ended, Status, ended
from attnlab.launch.place import rank
from attnlab.reading.bounds import read_json
from attnlab.reading.shown import tell

log = logging.getLogger(__name__)

# What a part of Hydra's needs beyond the default installation: (part, name) -> (module, extra).
EXTRAS = {("launcher", "slurm"): ("submitit", "slurm"), ("sweeper", "optuna"): ("optuna", "optuna")}
OURS = ("basic", "grid", "optuna")  # Hydra's basic sweeper is replaced by our grid
# The launchers that run them on this machine: one after another in this process, and side by side.
IN_TURN, SIDE_BY_SIDE = "basic", "local"
STATUS_WIDTH = 9  # columns


class RunsFailed(Exception):
    """Runs of a sweep failed, which has been said already."""

    def __init__(self, failed: int, *, status: int) -> None:
        super().__init__(f"{failed} failed")
        self.status = status


class Plan(NamedTuple):
    """What is known of a run or a sweep before it begins."""

    overrides: list[str]
    """What is swept and what is fixed, those of files included; without Hydra's own settings."""
    first: list[str]
    """The overrides of one of its runs, which was composed and checked."""
    config: DictConfig
    """That run's configuration."""
    jobs: list[list[str]] | None
    """The overrides of every run; None where a sampler draws them."""
    parts: sweep_overrides.HydraParts
    multirun: bool

    @property
    def is_here(self) -> bool:
        """Whether this machine is where its runs will be."""
        return not self.multirun or self.parts.launcher in (IN_TURN, SIDE_BY_SIDE)

    def hydras(self, given: list[str]) -> list[str]:
        """What Hydra is to be told, for the `given` overrides: of our sweepers the first run's.

        Hydra composes a configuration for the sweep itself. Of the given overrides that would be one without what is
        swept, in which values of a swept group have no place: `attention=local,dilated attention.core.window=5`.
        """
        if self.parts.sweeper not in OURS:
            return given
        # Not by an `override` in train.yaml, over which no experiment could choose another.
        grid = ["hydra/sweeper=grid"] if self.parts.sweeper == "basic" else []
        return [*(each for each in self.first if each != "hydra/sweeper=basic"), *grid]


def planned(overrides: list[str], *, multirun: bool, config_dirs: list[str]) -> Plan:
    """What overrides ask for: one run or a sweep, which `multirun` makes it or a file that they choose.

    One run is composed and checked in full, of the others of a sweep only the names and the kinds of their values.

    Raises:
        UserError: a library is missing, or the run or the sweep can't be.
    """
    sweep_overrides.check_hydras_groups(overrides, config_dirs=config_dirs)
    overrides = sweep_overrides.in_whole_numbers(overrides, config_dirs=config_dirs)
    first = sweep_overrides.first_job(overrides)
    config = _composed(first, config_dirs=config_dirs)
    parts = sweep_overrides.hydra_parts()
    if not (multirun or parts.multirun):
        if sweep_overrides.swept(overrides):
            compose.compose_run(overrides, config_dirs=config_dirs)  # which says what is missing
        return Plan(overrides, first, config, [first], parts, multirun=False)
    _check_installed(parts)
    everything = sweep_overrides.in_whole_numbers(
        sweep_overrides.with_params(overrides, parts.params), config_dirs=config_dirs
    )
    if parts.params:
        first = sweep_overrides.first_job(everything)
        config = compose.compose_run(first, config_dirs=config_dirs)
    _check_sweepable(everything, launcher=parts.launcher)
    sampled = parts.sweeper == "optuna"
    if sampled:
        _check_drawn_once(everything)
        check_validated(config.trainer, who=f"a sampler goes by {config.task.monitor}")
    runs = sweep_overrides.without_hydras(everything)
    jobs = None if sampled else sweep_overrides.expand_sweep(runs)
    compose.check_alternatives(first, sweep_overrides.others(everything), config_dirs=config_dirs)
    return Plan(runs, first, config, jobs, parts, multirun=True)


def _composed(overrides: list[str], *, config_dirs: list[str]) -> DictConfig:
    try:
        return compose.compose_run(overrides, config_dirs=config_dirs)
    except UserError as error:
        if "hydra/sweeper" in str(error) and "ConfigStore schema" in str(error):
            raise UserError(
                "an older sweeper of the same name is installed, got hydra/sweeper=optuna (run: pip uninstall "
                "hydra-optuna-sweeper)"
            ) from error
        raise


def _check_installed(parts: sweep_overrides.HydraParts) -> None:
    for (part, name), (module, extra) in EXTRAS.items():
        if getattr(parts, part) == name and not _installed(module):
            raise UserError(
                f"hydra/{part}={name} needs more than is installed (run: pip install -e '.[{extra}]' in attnlab's "
                "checkout)"
            )


def _check_drawn_once(overrides: list[str]) -> None:
    named = sweep_overrides.keys(overrides)
    for key in sweep_overrides.swept(overrides):
        if named.count(key) > 1:  # the sampler would tell its study of one value and run with another
            raise UserError(
                f"a sampler draws {key}, which is given as well, got it {named.count(key)} times (leave one out)"
            )


def _installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _check_sweepable(overrides: list[str], *, launcher: str) -> None:
    for key in sweep_overrides.swept(overrides):
        if key in ("output_dir", "run_path", "resume"):
            raise UserError(f"two jobs of this sweep would share a folder, got a sweep over {key} (set output_root)")
        if launcher == "slurm" and (key in ("trainer", "trainer.devices", "trainer.num_nodes", "trainer.accelerator")):
            raise UserError(
                f"all jobs of a sweep on SLURM ask for the same resources, got a sweep over {key} (give one value)"
            )


def new_record(parent: Path) -> Path:
    """A folder for what becomes of the runs of one sweep, named by the time."""
    name = time.strftime("%Y-%m-%d_%H-%M-%S")
    for number in range(1, 1000):
        folder = parent / (name if number == 1 else f"{name}_{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise unwritable(f"to {parent}", error, remedy="set output_root") from error
        return folder
    raise UserError(f"{parent} is full of sweeps of this second")


class SweepJob:
    """One run of a sweep, and a line on it in `record`: what Hydra calls with each run's configuration.

    A failure is no exception here, or the others would not be run.

    Args:
        run: trains; returns the score, NaN where there is none.
        overrides: of the whole sweep, for the sweeper.
        warm_up: imports what runs need, for a launcher that forks them.
    """

    def __init__(
        self,
        record: Path,
        run: Callable[[DictConfig], float],
        overrides: Sequence[str],
        *,
        warm_up: Callable[[], None],
    ) -> None:
        self.record, self.run, self.overrides, self.warm_up = record, run, overrides, warm_up

    def __call__(self, config: DictConfig) -> float | None:
        """The run's score, or None, which sweepers take for a failed run and NaN they don't."""
        from hydra.core.hydra_config import HydraConfig

        hydra = HydraConfig.get()
        overrides = list(hydra.overrides.task)
        entry: dict[str, Any] = {
            "overrides": overrides,
            "output_dir": str(hydra.runtime.output_dir),
            "score": None,
            "status": "running",
        }
        self._write(hydra.job.num, entry)
        outcome = ended(lambda: self.run(compose.checked(config, overrides)))
        if outcome.error is not None:
            tell(f"error: {outcome.error}")
        self._write(hydra.job.num, entry | _said(outcome))
        return outcome.score

    def on_record(self, number: int) -> Ended | None:
        """How a run ended by its line; None while there is none that says so."""
        if not (path := self._path(number)).exists():
            return None
        entry = read_json(path)
        return None if entry["status"] == "running" else Ended(entry["status"], entry["score"], entry.get("error"))

    def settle(self, number: int, overrides: Sequence[str], output_dir: Path, outcome: Ended) -> None:
        """Record how a run ended that couldn't do so itself."""
        if self.on_record(number) is None:
            self._write(number, {"overrides": list(overrides), "output_dir": str(output_dir)} | _said(outcome))

    def refused(self, number: int, overrides: Sequence[str], error: Exception) -> Ended:
        """Record a run that can't be composed."""
        said = str(error) if isinstance(error, UserError) else one_line(error)
        if unused := re.match(r"Could not override '([\w.]+)'", said):
            said = f"no key {unused[1]!r} in this run (drop it, or sweep over what has one)"
        outcome = Ended("refused", error=said)
        self._write(number, {"overrides": list(overrides), "output_dir": None} | _said(outcome))
        return outcome

    def _write(self, number: int, entry: dict[str, Any]) -> None:
        if rank() == 0:
            write_text(self._path(number), json.dumps(entry, ensure_ascii=False, indent=1) + "\n")

    def _path(self, number: int) -> Path:
        return self.record / f"{number}.json"


def _said(outcome: Ended) -> dict[str, Any]:
    said = {"score": outcome.score, "status": outcome.status}
    return said if outcome.error is None else said | {"error": outcome.error}


def launch_one(launcher: Any, job: SweepJob, overrides: Sequence[str], number: int) -> float | None:
    """Let Hydra's launcher run one in this process; its score. One that can't be composed is recorded as refused."""
    try:
        (returned,) = launcher.launch([list(overrides)], initial_job_idx=number)
    except (UserError, HydraException, OmegaConfBaseException) as error:
        refused = job.refused(number, overrides, error)
        tell(f"error: {refused.error}")
        return None
    score: float | None = returned.return_value
    return score


def report(record: Path, *, expected: int) -> None:
    """Print what became of the runs, of which there should be `expected` or more.

    Raises:
        RunsFailed: if any failed; its status is that of a user's mistake if all of those were.
    """
    found = {int(path.stem): read_json(path) for path in record.glob("*.json")}
    for entry in found.values():
        if entry["status"] == "running":
            entry["status"] = "died"
    for number in range(expected):
        found.setdefault(number, {"overrides": None, "score": None, "status": "died", "error": "it never began"})
    failed = [entry for entry in found.values() if entry["status"] not in DONE]
    say(_lines(record, found, failed=len(failed)))
    if failed:
        mistakes = all(entry["status"] == "refused" for entry in failed)
        raise RunsFailed(len(failed), status=2 if mistakes else 1)


def _lines(record: Path, found: dict[int, dict[str, Any]], *, failed: int) -> Iterable[str]:
    done = len(found) - failed
    finished = either(
        f"sweep: {done} of {len(found)} runs finished ({record})",
        f"扫描：{len(found)} 次运行中有 {done} 次已完成（{record}）",
    )
    yield f"\n{finished}"
    given = [entry["overrides"] for entry in found.values() if entry["overrides"] is not None]
    shared = [each for each in given[0] if all(each in other for other in given)] if len(given) > 1 else []
    if shared:
        yield f"  {either('all with', '共同的')} {' '.join(shared)}"
    for number, entry in sorted(found.items()):
        own = " ".join(each for each in entry["overrides"] or [] if each not in shared)
        said = entry.get("error") or ("" if entry["score"] is None else f"{entry['score']:.4g}")
        yield f"  {number:>3}  {_shown(entry['status'])} {own}  {said}".rstrip()


def _shown(status: Status) -> str:
    """As wide as all are; a Chinese character takes two columns."""
    chinese = IN_CHINESE[status]
    return either(f"{status:<{STATUS_WIDTH}}", chinese + " " * (STATUS_WIDTH - 2 * len(chinese)))
