"""The user's own data of a finished run: whether it is still what the run was trained and tested on."""

import logging
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from attnlab.data.module import DataModule
from attnlab.data.origin import Origin, origin_of
from attnlab.errors import UserError, one_line
from attnlab.reading.data_root import check_there
from attnlab.runs import build
from attnlab.runs.read_places import places

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
    if before is None or not _is_own(config["data"]):
        return
    seen = f"attnlab view {directory} shows its scores"
    try:
        if (root := config["data"].get("root")) is not None:
            check_there(Path(root).expanduser())
    except UserError as error:
        log.warning("whether the data has changed since this run can't be told: %s", one_line(error))
        return
    try:
        now = _checksum(config)
    except UserError as error:
        raise UserError(f"the data of this finished run has changed, for it can't be read: {error}; {seen}") from error
    if now != before:
        newer = list(islice(_newer(config["data"], directory / "metrics.json"), NAMED))
        named = f"; newer than its record: {', '.join(map(str, newer))}" if newer else ""
        raise UserError(
            f"the data has changed since this run: sha256 was {before[:DIGITS]}, now {now[:DIGITS]}{named} "
            f"(restore it, or {instead}; {seen})"
        )


def _is_own(data: build.Config) -> bool:
    """Whether it is read from files that nobody but the user vouches for."""
    return data.get("root") is not None or origin_of(data) in (Origin.OWN, None)


def _checksum(config: build.Config) -> str:
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


def _newer(data: build.Config, record: Path) -> Iterator[Path]:
    """Files that the data may be read from and that were written after the run's record."""
    end = record.stat().st_mtime
    here = data.get("root") is None and origin_of(data) is Origin.OWN
    found = [*places(data), *([Path()] if here else [])]
    for path in islice((each for place in found for each in _files(place)), LOOKED_AT):
        try:
            if path.stat().st_mtime > end:
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
