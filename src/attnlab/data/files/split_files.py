"""Which file of a folder holds which split, by the names that are common."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from attnlab.data.translation.corpora import SPLITS
from attnlab.errors import UserError

NAMES = {"train": ("train",), "val": ("dev", "val", "valid", "validation", "testa"), "test": ("test", "testb")}
LISTED = 8  # files of a folder that a message names


def split_files(
    folder: Path, given: Mapping[str, str | None], endings: Sequence[str], *, splits: Sequence[str] = SPLITS
) -> dict[str, Path]:
    """The file of each of `splits`: that which `given` names, from `folder` on, else the one whose name says it.

    A name says it by its last part before the ending, in `NAMES`: dev.txt, en_ewt-ud-train.iob2.gz; by the ending
    itself: eng.testa; or, where none says it so, by its first: train.char.bmes.

    Raises:
        UserError: no such folder; no file, or more than one, for a split that isn't given.
    """
    if folder.is_file():
        raise UserError(f"the files must be in a folder, got the file {folder} (set data.root={folder.parent})")
    if not folder.is_dir():
        raise UserError(f"the files must be in a folder, got {folder}, which is none (set data.root)")
    found: dict[str, Path] = {}
    for split in splits:
        name = given[split]
        found[split] = folder / name if name is not None else _find(folder, split, endings)
    return found


def lacks_training(folder: Path, given: Mapping[str, str | None], endings: Sequence[str]) -> bool:
    """Whether a file that training needs, train's or val's, isn't there."""
    if not folder.is_dir():
        return False
    paths = [path for path in folder.iterdir() if path.is_file()]
    for split in (each for each in SPLITS if each != "test"):
        name = given[split]
        if name is None:
            there = bool(_named(paths, split, endings))
        else:
            there = (folder / name).exists() or (folder / f"{name}.gz").exists()
        if not there:
            return True
    return False


def _find(folder: Path, split: str, endings: Sequence[str]) -> Path:
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    found = _named(paths, split, endings)
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(path.name for path in found)
        raise UserError(f"the {split} split must be one file, got {listed} in {folder} (set data.corpus.{split})")
    listed = ", ".join(path.name for path in paths[:LISTED]) + (", ..." if len(paths) > LISTED else "")
    names = f"{', '.join(NAMES[split])} ({', '.join(endings)}, with .gz or without)"
    raise UserError(
        f"the {split} split must have a file, got none of the names {names} in {folder}, which holds "
        f"{listed or 'no file'} (set data.root or data.corpus.{split})"
    )


def _named(paths: Sequence[Path], split: str, endings: Sequence[str]) -> list[Path]:
    """Those whose name says the split; a file beside its own .gz is one, as read_lines finds either."""
    found: list[Path] = []
    for place in (-1, 0):
        named = {_plain(path) for path in paths if _parts(path, endings)[place] in NAMES[split]}
        found = found or sorted(named)
    return found


def _plain(path: Path) -> Path:
    return path.with_suffix("") if path.suffix == ".gz" else path


def _parts(path: Path, endings: Sequence[str]) -> list[str]:
    """The parts of a file's name, without its ending unless that says its split; one empty part for another kind."""
    plain = _plain(path).name.lower()
    ending = Path(plain).suffix
    if ending in endings:
        plain = plain.removesuffix(ending)
    elif ending and ending[1:] not in {name for names in NAMES.values() for name in names}:
        return [""]
    return re.split(r"[._-]", plain)
