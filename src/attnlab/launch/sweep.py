"""Sweeps: what is known before the first run, one run among others, and what became of them all."""

import json
import logging
import math
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from attnlab.config import sweep_overrides
from attnlab.errors import UserError
from attnlab.files import unwritable, write_text
from attnlab.launch.place import rank

log = logging.getLogger(__name__)

# What a part of Hydra's needs beyond the default installation: override -> (module, extra).
EXTRAS = {
    "hydra/launcher=slurm": ("submitit", "slurm"),
    "hydra/sweeper=optuna": ("hydra_plugins.hydra_optuna_sweeper", "optuna"),
}


class RunsFailed(Exception):
    """Runs of a sweep failed, which has been said already."""

    def __init__(self, failed: int, *, status: int) -> None:
        super().__init__(f"{failed} failed")
        self.status = status


def representatives(overrides: list[str], *, config_dirs: list[str]) -> tuple[list[list[str]], bool]:
    """The overrides of runs that stand for all of the sweep, and whether a sampler draws them.

    Raises:
        UserError: a library is missing, or the sweep can't be.
    """
    for override in overrides:
        module, extra = EXTRAS.get(override, ("", ""))
        if module and not _installed(module):
            raise UserError(f"{override} needs more than is installed (run: pip install 'attnlab[{extra}]')")
    parts = sweep_overrides.hydra_parts(overrides, config_dirs=config_dirs)
    _check_sweepable(overrides, launcher=parts["launcher"])
    sampled = parts["sweeper"] == "optuna"
    if sampled:
        _check_drawn_once(overrides)
    return (sweep_overrides.sample_sweep if sampled else sweep_overrides.expand_sweep)(overrides), sampled


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
            raise unwritable(f"to {parent}", error, remedy="work in another folder") from error
        return folder
    raise UserError(f"{parent} is full of sweeps of this second")


def run_one(record: Path, job: Callable[[], float]) -> float | None:
    """One run, and a line on it in `record`. A failure is no exception here, or the others would not be run.

    Returns the run's score, or None, which sweepers take for a failed run and NaN they don't.
    """
    from hydra.core.hydra_config import HydraConfig

    config = HydraConfig.get()
    overrides, folder = list(config.overrides.task), str(config.runtime.output_dir)
    entry: dict[str, Any] = {"overrides": overrides, "output_dir": folder, "score": None, "status": "running"}
    path = record / f"{config.job.num}.json"
    _write(path, entry)
    error: Exception | None = None
    score = math.nan
    try:
        score = job()
        entry["status"] = "finished"
    except UserError as mistake:
        error, entry["status"] = mistake, "refused"
    except FloatingPointError as diverged:
        error, entry["status"] = diverged, "diverged"
    except Exception as failure:
        error, entry["status"] = failure, "failed"
        log.exception("this run failed")
    if error is not None:
        entry["error"] = " ".join(str(error).split()) or type(error).__name__
        print(f"error: {entry['error']}", file=sys.stderr)
    known = None if math.isnan(score) else score
    _write(path, entry | {"score": known})
    return known


def _write(path: Path, entry: dict[str, Any]) -> None:
    if rank() == 0:
        write_text(path, json.dumps(entry, ensure_ascii=False, indent=1) + "\n")


def report(record: Path, *, expected: int) -> None:
    """Print what became of the runs, of which there should be `expected` or more.

    Raises:
        RunsFailed: if any failed; its status is that of a user's mistake if all of those were.
    """
    found = {int(path.stem): json.loads(path.read_text(encoding="utf-8")) for path in record.glob("*.json")}
    for entry in found.values():
        if entry["status"] == "running":
            entry["status"] = "died"
    for number in range(expected):
        found.setdefault(number, {"overrides": [], "score": None, "status": "died", "error": "it never began"})
    failed = [entry for entry in found.values() if entry["status"] != "finished"]
    print(f"\nsweep: {len(found) - len(failed)} of {len(found)} runs finished ({record})")
    for number, entry in sorted(found.items()):
        said = entry.get("error") or ("" if entry["score"] is None else f"{entry['score']:.4g}")
        print(f"  {number:>3}  {entry['status']:<9} {' '.join(entry['overrides'])}  {said}".rstrip())
    if failed:
        mistakes = all(entry["status"] == "refused" for entry in failed)
        raise RunsFailed(len(failed), status=2 if mistakes else 1)
