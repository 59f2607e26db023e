"""Runs by short names: `last`, the beginning of a hash, or a folder. Nothing heavy is imported."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from attnlab.errors import UserError, closest
from attnlab.reading import keyboard
from attnlab.reading.bounds import read_json

LAST = "last"
OUTPUTS = Path("outputs")  # where runs are unless output_root says otherwise
DEPTH = 4  # folders down from one that is given: outputs/TASK/NAME/HASH; what lies deeper is none of ours
SHOWN = 3  # runs that a message names
RECORDS = ("config.json", "metrics.json")
OF_STUDIES = ("forest.pdf", "forest.svg", "tuning.pdf", "report.html")  # what may be looked for instead
TRAINED = ("metrics.json", "checkpoints/last.ckpt", "config.json")


def run_named(given: str | Path) -> Path:
    """The run's folder or file that is meant: a path that is there as it is, else by its short name.

    `last` is the run below `outputs` that was trained last, as one that was refused wasn't, and `3fa`, or `3FA`, the
    one whose folder's name, the hash, begins so, or whose `name` it is; `DIR/last` and `DIR/3fa` are those below
    another folder.

    Raises:
        UserError: none is meant, or several are; it names those that might be.
    """
    if not isinstance(given, (str, os.PathLike)):
        raise UserError(f"a run is named by a text or a path, got {given!r} (give its folder, its hash, or last)")
    if not str(given).strip():
        raise UserError("a run is named by a text or a path, got an empty one (give its folder, its hash, or last)")
    path = Path(given).expanduser()
    if path.exists():
        _check_no_study(path)
        _check_no_folder_of_runs(path)
        return path
    is_text = len(path.parts) == 1 and re.search(r"\w\s+\w", path.name)
    if is_text or re.fullmatch(r"[a-z_.]+=.*", str(given)):
        raise UserError(f"a run comes first, got {given} (give a run's folder, the beginning of its hash, or last)")
    typed = Path(keyboard.plain(keyboard.unquoted(keyboard.unended(str(given))))).expanduser()
    if typed != path and (typed.exists() or typed.name.lower() == LAST):
        raise UserError(f"no such run folder or checkpoint, got {given} (write {typed})")
    name, parent = path.name, OUTPUTS if path.parent == Path() else path.parent
    found = by_age(runs_below(parent))
    if not found or not name:
        raise UserError(
            f"no such run folder or checkpoint, got {given}; no run lies below {parent.absolute()} (give a run's "
            "folder or a checkpoint, or go to the folder where you trained)"
        )
    if name.lower() == LAST:
        return next(filter(_was_trained, found), found[0])
    meant = [run for run in found if run.name == name] or [run for run in found if _begins(run.name, name)]
    meant = meant or [run for run in found if run.parent.name == name]
    if len(meant) > 1:
        raise UserError(f"a run must be named alone, got {given}, which may be {_shown(meant)} (give more of its name)")
    if not meant:
        near = closest(name, [LAST])
        raise UserError(
            f"no such run folder or checkpoint, got {given}{near} (below {parent.absolute()} there are "
            f"{_shown(_offered(parent))}; see attnlab list runs)"
        )
    return meant[0]


def _begins(name: str, given: str) -> bool:
    """Whether a hash begins as is given, in capitals or not: what is one number is one run."""
    return name.lower().startswith(given.lower())


def _check_no_study(path: Path) -> None:
    """A study's folder has no run in it: it says where its own pictures and pages are, if they are written."""
    try:
        if is_run(path) or "study" not in read_json(path / "plan.json"):
            return
    except (OSError, ValueError, TypeError, RecursionError):
        return
    kept = [name for name in OF_STUDIES if (path / name).is_file()]
    has = f", which has {', '.join(kept)}" if kept else ""
    raise UserError(f"one run is needed, got the study {path}{has} (give a run of it; see attnlab list runs)")


def _check_no_folder_of_runs(path: Path) -> None:
    if path.is_dir() and not is_run(path) and (below := _offered(path)):
        raise UserError(
            f"one run is needed, got the folder {path}, below which there are {_shown(below)} (give one; see attnlab "
            f"list runs {path})"
        )


def _offered(folder: Path) -> list[Path]:
    """The runs below it that may be meant, those trained last first: any, only where none has been trained."""
    below = by_age(runs_below(folder))
    return [each for each in below if _was_trained(each)] or below


def runs_below(folder: Path) -> Iterator[Path]:
    """The folders of runs, in the order of their names."""
    for at, below, files in os.walk(folder):
        place = Path(at)
        if any(name in files for name in RECORDS):
            below.clear()  # what was put aside there is of earlier
            yield place
        elif len(place.relative_to(folder).parts) == DEPTH:
            below.clear()
        else:
            below[:] = sorted(name for name in below if not name.startswith("."))


def is_run(folder: Path) -> bool:
    """Whether a folder is a run's, or holds its checkpoints."""
    return any((folder / name).exists() for name in (*RECORDS, "checkpoints", "best.ckpt"))


def by_age(runs: Iterator[Path]) -> list[Path]:
    """Those trained last first."""
    return sorted(runs, key=trained_at, reverse=True)


def _was_trained(run: Path) -> bool:
    return (run / "metrics.json").exists() or any((run / "checkpoints").glob("*.ckpt"))


def trained_at(run: Path) -> float:
    """When a run's folder was last written to by training, in seconds since the epoch."""
    return max((path.stat().st_mtime for name in TRAINED if (path := run / name).exists()), default=0.0)


def _shown(runs: Sequence[Path]) -> str:
    """Those below `outputs` by their hashes, which suffice there, with what they are of."""
    more = f" and {len(runs) - SHOWN} more" if len(runs) > SHOWN else ""
    shown = [f"{each.name} ({each.parent.name})" if OUTPUTS in each.parents else str(each) for each in runs[:SHOWN]]
    return ", ".join(shown) + more
