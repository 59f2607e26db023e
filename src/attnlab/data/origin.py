"""Where data comes from, as each class that reads some says of itself."""

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum, auto
from importlib import import_module
from typing import Any, Protocol, runtime_checkable

from attnlab.config import fitting
from attnlab.config.conf_path import conf_dir

PACKAGE = "attnlab.data"
MADE = re.compile(r"^ *_target_: (\S+)", re.MULTILINE)  # what a file of the configuration makes


class Origin(Enum):
    """Of a data set, or of files of a format."""

    MADE_UP = auto()  # read from no files
    BUNDLED = auto()
    DOWNLOADED = auto()
    OWN = auto()  # the user's, in the current folder where `data.root` is null


@runtime_checkable
class HasOrigin(Protocol):
    """What reads data, or makes it up."""

    origin: Origin


def origin_of(data: Mapping[str, Any]) -> Origin | None:
    """By the configuration of a data module; None of a class of the user's own."""
    nodes = (data, *(each for each in data.values() if isinstance(each, Mapping)))
    return next(_origins(str(each.get("_target_")) for each in nodes), None)


def origin_of_file(name: str) -> Origin | None:
    """Of what `data=NAME` chooses."""
    text = (conf_dir() / "data" / f"{name}.yaml").read_text(encoding="utf-8")
    return next(_origins(MADE.findall(text)), None)


def readers_of_own_files(task: str) -> list[str]:
    """By which `data=NAME` a task reads files of the user's own."""
    fits = fitting.read()["fits"]["data"]
    return [name for name, tasks in sorted(fits.items()) if task in tasks and origin_of_file(name) is Origin.OWN]


def _origins(targets: Iterable[str]) -> Iterator[Origin]:
    package = import_module(PACKAGE)  # which imports this
    for target in targets:
        name = target.removeprefix(f"{PACKAGE}.")
        made = getattr(package, name, None) if target != name else None
        if isinstance(made, HasOrigin):
            yield made.origin
