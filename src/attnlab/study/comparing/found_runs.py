"""Runs that are there to be compared: run folders, those below a folder, those of a sweep's record or of a study."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.launch.ending import DONE
from attnlab.reading.bounds import read_json
from attnlab.runs import own_code, run_folder
from attnlab.study.comparing.longer_runs import in_words
from attnlab.study.comparing.study_folders import StudyFolder, read_study

# How runs of a sweep end that count as failed: a mistake of the user's is no result, nor is an interruption.
FAILED = ("diverged", "failed", "died")
# Others' runs that didn't finish, in words.
NO_RESULT = {
    "out of memory": "it ran out of memory, which is the machine's fault and no result (train it where there is more)",
    "faulted": "its files couldn't be read or written, which is the machine's fault and no result (train it again)",
    "pruned": "its sweep ended it early: how good it would have been isn't known",
    "refused": "it was refused, which is no result",
    "interrupted": "it was interrupted (its command goes on with it)",
}
GIVE = "give run folders, folders above them, a sweep's record or a study's folder"
HASH = re.compile(r"[0-9a-f]{10}")
DAMAGED = "train it anew with fresh=true, or leave it out"


@dataclass(frozen=True, eq=False)
class FoundRun:
    """A run that has ended.

    Attributes:
        config: resolved, in today's names; `continue_from` says at which updates it was made longer.
        metrics: what its `metrics.json` holds; None where it failed.
        results: the number of the results that it computed.
        code: of the user's own that it ran, the sha256 of each file; empty where there is none, or none on record.
    """

    folder: Path
    config: dict[str, Any]
    metrics: dict[str, Any] | None
    results: int
    code: own_code.Code = field(default_factory=dict)

    @property
    def seed(self) -> int:
        seed: int = self.config["seed"]
        return seed

    @property
    def failed(self) -> bool:
        """Whether its sweep or its study recorded so, and no later command finished it."""
        return self.metrics is None


@dataclass
class FoundRuns:
    """Each run once, in the order in which folders were given; and why others don't count, by their folders.

    `study` is the one that planned them all, `arms` the arm of each by its folder; None and nothing of any others.
    """

    runs: list[FoundRun] = field(default_factory=list)
    left_out: dict[Path, str] = field(default_factory=dict)
    study: StudyFolder | None = None
    arms: dict[Path, str] = field(default_factory=dict)


def found_runs(places: Sequence[Path]) -> FoundRuns:
    """The runs in folders.

    Raises:
        UserError: one isn't there, or there is no run in it.
    """
    folders: dict[Path, bool] = {}  # whether it is on record that it failed
    left_out: dict[Path, str] = {}
    studies: dict[Path, StudyFolder] = {}
    for place in places:
        others: dict[Path, str] = {}
        runs = list(_in(place, others, studies))
        if not runs and not others:
            raise UserError(f"no run is there to be compared, got {place} ({GIVE})")
        for folder, failed in runs:
            folders[folder] = folders.get(folder, False) or failed
        left_out |= others
    found = FoundRuns(left_out=left_out)
    for folder, failed in folders.items():
        try:
            found.runs.append(_run(folder, failed=failed))
        except UserError as error:
            found.left_out.setdefault(folder, str(error))
        except OSError as error:
            found.left_out.setdefault(folder, unreadable(folder, error))
        else:
            found.left_out.pop(folder, None)  # one record's word of a run that another has as failed, or that is done
    if len(studies) == 1:
        [study] = studies.values()
        arms = {_plain(job.folder): job.arm for job in study.jobs}
        if all(run.folder in arms for run in found.runs):
            found.study, found.arms = study, arms
    return found


def unreadable(folder: Path, error: OSError) -> str:
    """Why a run whose files can't be read is left out."""
    return f"a run's files must be readable, got {error.filename or folder}: {error.strerror} (see who may read them)"


def _in(place: Path, left_out: dict[Path, str], studies: dict[Path, StudyFolder]) -> Iterator[tuple[Path, bool]]:
    """Runs, and whether they are on record as failed; the studies whose folders are there are added to `studies`."""
    if not place.is_dir():
        raise UserError(f"no such folder, got {place} ({GIVE})")
    for at, below, files in os.walk(place):
        folder = Path(at)
        if "config.json" in files or "metrics.json" in files:
            below.clear()  # what was put aside there is of earlier
            yield _plain(folder), False
        elif "plan.json" in files:
            yield from _of_study(folder, left_out, studies)
        elif entries := _entries(folder, files):
            yield from _recorded(entries, left_out)
        below.sort()


def _of_study(folder: Path, left_out: dict[Path, str], studies: dict[Path, StudyFolder]) -> Iterator[tuple[Path, bool]]:
    try:
        study = read_study(folder)
    except UserError as error:
        left_out[_plain(folder)] = str(error)
        return
    if study is None:
        return
    studies[_plain(folder)] = study
    for job in study.jobs:
        if (job.folder / "config.json").is_file():
            yield _plain(job.folder), job.failed
        else:
            how = "failed, and its folder isn't there" if job.failed else "isn't done yet"
            left_out[_plain(job.folder)] = f"{job.arm} with seed {job.seed} of a study {how}"


def _plain(folder: Path) -> Path:
    """The folder by one name, relative to where the user is if it lies below."""
    real, here = Path(os.path.realpath(folder)), Path(os.path.realpath("."))
    return real.relative_to(here) if real.is_relative_to(here) else real


def _entries(folder: Path, files: Sequence[str]) -> list[tuple[Path, dict[str, Any]]]:
    """What a sweep's record says of its runs; nothing of a folder that is none."""
    found = []
    for name in sorted((each for each in files if each.removesuffix(".json").isdigit()), key=_number):
        try:
            entry = read_json(folder / name)
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(entry, dict) and isinstance(entry.get("status"), str) and "overrides" in entry:
            found.append((folder / name, entry))
    return found


def _number(name: str) -> int:
    return int(name.removesuffix(".json"))


def _recorded(entries: list[tuple[Path, dict[str, Any]]], left_out: dict[Path, str]) -> Iterator[tuple[Path, bool]]:
    for path, entry in entries:
        status, folder = entry["status"], entry.get("output_dir")
        if isinstance(folder, str) and Path(folder, "config.json").is_file():
            yield _plain(Path(folder)), status in FAILED
            if status in NO_RESULT:
                left_out[_plain(Path(folder))] = NO_RESULT[status]
        elif status in (*DONE, *FAILED):
            left_out[_plain(path)] = f"a run that {_ended(status)}, and whose folder isn't there, got {folder}"
        else:
            left_out[_plain(path)] = f"a run that {_ended(status)}"


def _ended(status: str) -> str:
    said = {"running": "was running still", "finished": "finished", "failed": "failed", "diverged": "diverged"}
    said |= {"out of memory": "ran out of memory", "faulted": "couldn't read or write its files"}
    return said.get(status, "died" if status == "died" else f"was {status}")


def _run(folder: Path, *, failed: bool) -> FoundRun:
    config = _config(folder)
    try:
        metrics = run_folder.finished(folder)
    except UserError as error:
        raise UserError(f"metrics.json isn't a run's record, got {folder / 'metrics.json'} ({DAMAGED})") from error
    if metrics is None and not failed:
        raise UserError("it isn't finished; one that failed counts where the record of its sweep or study is given")
    if metrics is not None and not metrics["test"]:
        raise UserError("it has no score of a test, as trials of tuning")
    number = _results(folder) if metrics is None else identity.results_of(metrics)
    _check_as_begun(config, number)
    code = own_code.recorded(folder)
    return FoundRun(folder, config | {"continue_from": in_words(config, metrics)}, metrics, number, code)


def _check_as_begun(config: Mapping[str, Any], number: int) -> None:
    """UserError for a configuration that was changed since: the path of a run that attnlab names ends in its hash.

    Results of earlier numbers were named by rules of their own.
    """
    named = Path(str(config.get("run_path"))).name
    if number != identity.RESULTS or HASH.fullmatch(named) is None:
        return
    if (now := identity.run_hash(config, results=number)) != named:
        raise UserError(
            f"config.json isn't the configuration that it was trained with, which has the hash {named}, got {now} (put "
            f"config.json back, or {DAMAGED})"
        )


def _results(folder: Path) -> int:
    """Of a run that failed, as it was begun."""
    try:
        return run_folder.results_of(folder) or 1
    except (ValueError, TypeError, OverflowError) as error:
        raise UserError(f"config.json must have the number of its results, got {error} ({DAMAGED})") from error


def _config(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    try:
        config = run_folder.config_of(folder)
    except OSError as error:
        raise UserError(f"config.json must be readable, got {path}: {error.strerror} ({DAMAGED})") from error
    except UserError as error:
        raise UserError(f"config.json must be a run's configuration, got {path} damaged ({DAMAGED})") from error
    whole = all(isinstance(config.get(key), dict) for key in run_folder.NODES)
    if type(config.get("seed")) is not int or not whole:
        raise UserError(f"config.json must be a run's configuration, got another at {path} ({DAMAGED})")
    return config
