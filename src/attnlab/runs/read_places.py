"""Where on this machine a stored configuration has data read, said before it is: it may be somebody else's."""

import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path, PurePath
from typing import Any

from attnlab.language import either
from attnlab.reading.shown import tell
from attnlab.runs.run_folder import leaves

NO_DATA = ("_target_", "address", "cache_dir")


def say_places(data: Mapping[str, Any], *, folder: Path) -> None:
    """Tell which files and folders the data of the run in `folder` is read from, but for those within it; each once.

    What is read there may stand in what is written of it: samples, predictions, pictures.
    """
    inside = _real(folder.expanduser())  # and whatever links lead to
    found = [each for each in dict.fromkeys(places(data)) if not _real(each).is_relative_to(inside)]
    if found:
        _tell_once(either(", ", "、").join(map(str, found)))


@cache
def _tell_once(places: str) -> None:
    tell(
        either(
            f"reading {places}, where this run's record says that its data lies (set data.root to read elsewhere)",
            f"正在读取 {places}：该运行的记录说其数据在此（要读别处，请设 data.root）",
        )
    )


def places(data: Mapping[str, Any]) -> Iterator[Path]:
    """The root, and what is named out of it; without a root, what lies where the user is."""
    root = data.get("root")
    if isinstance(root, str):
        yield Path(root).expanduser()
    for key, value in leaves(dict(data)):
        if key == "root" or key.rpartition(".")[2] in NO_DATA:
            continue
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and (_leads_out(text) or (root is None and _is_here(text))):
                yield Path(text).expanduser()


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _leads_out(text: str) -> bool:
    return text.startswith(("/", "~")) or ".." in PurePath(text).parts


def _is_here(text: str) -> bool:
    try:
        return bool(text) and Path(text).is_file()
    except (OSError, ValueError):
        return False
