"""The user's own data of a run: whether it is still what the run was trained and tested on."""

import glob
import logging
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from attnlab.data.module import DataModule
from attnlab.data.origin import Origin, origin_of
from attnlab.errors import UserError, one_line
from attnlab.files import IMAGE_ENDINGS
from attnlab.reading.data_root import check_there
from attnlab.runs import build
from attnlab.runs.read_places import NO_DATA, places
from attnlab.runs.run_folder import leaves

log = logging.getLogger(__name__)

DIGITS = 12  # of a checksum
NAMED = 3  # files that a message names
LOOKED_AT = 100_000  # files whose times are read to tell what has changed


def check_same_data(directory: Path, config: build.Config, results: dict[str, Any], *, instead: str) -> None:
    """Refuse to report a finished run whose data, in files of the user's own, has changed since.

    What comes with this project or is downloaded is held to its checksum whenever it is read. Data whose folder isn't
    there any more can't be told to have changed, which is said.

    Raises:
        UserError: with the checksums before and now, the files that are newer than the record, and what to do
            `instead` of restoring them; or with what is wrong with the data, where it can't be read any more.
    """
    part = results.get("data")
    before = part.get("checksum") if isinstance(part, dict) else None
    if before is None or not is_own(config["data"]):
        return
    seen = f"attnlab view {directory} shows its scores"
    try:
        if (root := config["data"].get("root")) is not None:
            check_there(Path(root).expanduser())
    except UserError as error:
        log.warning("whether the data has changed since this run can't be told: %s", one_line(error))
        return
    try:
        now = checksum_now(config)
    except UserError as error:
        raise UserError(f"the data of this finished run has changed, for it can't be read: {error}; {seen}") from error
    if now != before:
        raise UserError(
            f"{_changed(config, before, now, directory / 'metrics.json')} (restore it, or {instead}; {seen})"
        )


def warn_if_changed(
    data: DataModule, config: build.Config, *, trained_on: str, recorded: Mapping[str, Any], record: Path
) -> None:
    """Say that a run's test, of files of the user's own, isn't what it was any more.

    Args:
        data: prepared for a trained model, which reads test alone where it can.
        trained_on: the checksum of the data by the checkpoint.
        recorded: the checksums by the run's record, which has that of test alone where it can be read so.
        record: the file that was written when the run had read its data.
    """
    if not is_own(config["data"]):
        return
    before, now = recorded.get("test_checksum"), data.test_checksum
    if not isinstance(before, str) or now is None:
        before, now = trained_on, data.checksum
        try:
            now = now if now == before else checksum_now(config)  # which may have been of test alone
        except UserError:  # there is no more than test
            return
    if now != before:
        said = _changed(config, before, now, record)
        data.warn("data_changed", f"{said}; these are scores of what is there now (restore it for those of the run's)")


def _changed(config: build.Config, before: str, now: str, record: Path) -> str:
    said = f"the data has changed since this run: sha256 was {before[:DIGITS]}, now {now[:DIGITS]}"
    newer = newer_files(config["data"], record)
    return f"{said}; newer than its record: {', '.join(map(str, newer))}" if newer else said


def is_own(data: build.Config) -> bool:
    """Whether it is read from files that nobody but the user vouches for."""
    return data.get("root") is not None or origin_of(data) in (Origin.OWN, None)


def checksum_now(config: build.Config) -> str:
    """Of the data as it is now."""
    here = logging.getLogger("attnlab")
    level = here.level
    here.setLevel(logging.ERROR)  # what there was to say of the data stands in the run's record
    try:
        data: DataModule = build.build_data(config)
        data.prepare_data()
    finally:
        here.setLevel(level)
    return data.checksum


def newer_files(data: build.Config, record: Path) -> list[Path]:
    """The first files that the data is read from, as far as that is known, that were written after a run's record."""
    end, named = record.stat().st_mtime, list(dict.fromkeys(_named(data)))
    if named:
        found = list(islice(_written_after(end, named), NAMED))
        # A table of labels may be named, and no image.
        return found or list(islice(_written_after(end, places(data), endings=IMAGE_ENDINGS), NAMED))
    here = data.get("root") is None and origin_of(data) is Origin.OWN
    return list(islice(_written_after(end, [*places(data), *([Path()] if here else [])]), NAMED))


def _named(data: build.Config) -> Iterator[Path]:
    """What the configuration names below the root, and is there, plain or packed."""
    root = Path(str(data.get("root") or "")).expanduser()
    for key, value in leaves(dict(data)):
        if key == "root" or key.rpartition(".")[2] in NO_DATA:
            continue
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and text:
                yield from _there(root, text)


def _there(root: Path, text: str) -> Iterator[Path]:
    """A file or folder of this name, or those of this pattern."""
    try:
        found = [root / Path(name).expanduser() for name in (text, f"{text}.gz")]
        yield from (path for path in found if path.exists())
        if glob.has_magic(text):
            yield from map(Path, sorted(glob.glob(os.path.join(glob.escape(str(root)), text), recursive=True)))
    except (OSError, ValueError, RuntimeError):  # no name of a file
        return


def _written_after(end: float, found: Iterable[Path], *, endings: Collection[str] | None = None) -> Iterator[Path]:
    for path in islice((each for place in found for each in _files(place)), LOOKED_AT):
        try:
            if (endings is None or path.suffix.lower() in endings) and path.stat().st_mtime > end:
                yield path
        except OSError:  # a link that leads nowhere, say
            continue


def _files(place: Path) -> Iterator[Path]:
    """A file, those of a folder in order, or those of the current folder alone, where runs lie, too."""
    if not place.is_dir():
        yield place
        return
    for folder, folders, names in os.walk(place):
        folders[:] = [] if place == Path() else sorted(folders)
        yield from (Path(folder, name) for name in sorted(names))
