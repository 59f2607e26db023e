"""Which files a command line chooses, and what they say of each key: read from the files, without composing them.

It is what `attnlab list` shows and a shell completes. What a run is made of, Hydra alone decides (`config.compose`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from attnlab.config.described import Described, Head, Key, described
from attnlab.config.odd_yaml import not_yaml
from attnlab.errors import UserError

ROOT = "train"  # the file that names a run's parts
GROUP = re.compile(r"(?:override |optional )*/?([\w/]+)(?:@([\w.]+))?")
OVERRIDE = re.compile(r"[+~]{0,2}([\w/]+)(?:@([\w.]+))?=(.*)", re.DOTALL)
# One mechanism for one slot: `model.cross_attention=additive` is `attention@model.cross_attention=additive`.
SLOT = re.compile(r"\+{0,2}(model\.\w+_attention)=(\w+)")
DEPTH = 10  # of files that take each other in; deeper is a circle


class Choice(NamedTuple):
    """A name of a group, with all that it takes from other files of its group.

    Attributes:
        chooses: the names of other groups that come with it.
        slots: groups that can be chosen for one key of it alone: attention for model.cross_attention.
        keys: by the names that an override has.
    """

    group: str
    name: str
    path: Path
    head: Head
    target: str | None
    chooses: Mapping[str, str]
    slots: Mapping[str, str]
    keys: tuple[Key, ...]


def file_of(group: str, name: str, folders: Sequence[Path]) -> Path | None:
    """Where a name of a group is; of several folders the first that has it counts, as to Hydra."""
    return next((path for each in folders if (path := each / group / f"{name}.yaml").is_file()), None)


def choice(group: str, name: str, folders: Sequence[Path]) -> Choice:
    """What a name of a group is.

    Raises:
        UserError: there is no such file, or it isn't YAML.
    """
    path = file_of(group, name, folders)
    if path is None:
        raise UserError(f"no {group} is named {name!r} (see attnlab list {group})")
    found = read(path)
    prefix = "" if found.is_global or not group else group.replace("/", ".") + "."
    chooses, slots = _of_defaults(found, prefix)
    keys = _with_inherited(found, group, folders, DEPTH)
    if not group:  # how Hydra itself is set up is nobody's choice
        chooses = {each: chosen for each, chosen in chooses.items() if not each.startswith("hydra/")}
        keys = tuple(key for key in keys if not key.name.startswith("hydra."))
    return Choice(
        group=group, name=name, path=path, head=found.head, target=found.target, chooses=chooses, slots=slots,
        keys=tuple(_prefixed(keys, prefix)),
    )  # fmt: skip


def read(path: Path) -> Described:
    """A file of the configuration. Raises UserError if it can't be read."""
    try:
        return described(path)
    except OSError as error:
        raise UserError(
            f"a file of the configuration can't be read, got {path}: {error.strerror} (correct it)"
        ) from error
    except Exception as error:  # PyYAML's, which isn't loaded here; and of the encoding
        if not isinstance(error, ValueError) and type(error).__module__.partition(".")[0] != "yaml":
            raise
        raise not_yaml(error, path) from error


def _of_defaults(found: Described, prefix: str) -> tuple[dict[str, str], dict[str, str]]:
    """The names that a file chooses of other groups, and the keys of its own for which one can be chosen alone."""
    chooses: dict[str, str] = {}
    slots: dict[str, str] = {}
    for entry in found.defaults:
        for text, name in entry.items() if isinstance(entry, dict) else ():
            match = GROUP.fullmatch(str(text))
            if match is None or str(text).startswith("optional "):
                continue
            if match[2] is not None:
                slots[f"{prefix}{match[2]}"] = match[1]
            elif isinstance(name, str):
                chooses[match[1]] = name
    return chooses, slots


def _with_inherited(found: Described, group: str, folders: Sequence[Path], depth: int) -> tuple[Key, ...]:
    """The keys of a file, after those of the files of its group that it takes in."""
    keys: tuple[Key, ...] = ()
    for name in found.defaults if depth else ():
        if isinstance(name, str) and name != "_self_" and (path := file_of(group, name, folders)) is not None:
            keys = merged(keys, _with_inherited(read(path), group, folders, depth - 1))
    return merged(keys, found.keys)


def merged(keys: Sequence[Key], others: Sequence[Key]) -> tuple[Key, ...]:
    """All of both, in order; `others` give a key that both have its default, and what is said of it if they say any."""
    return _merged(keys, others, reworded=True)


def _merged(keys: Sequence[Key], others: Sequence[Key], *, reworded: bool) -> tuple[Key, ...]:
    """`reworded`: what others say of a key that both have counts; else why they set it, which isn't what it is."""
    found = {key.name: key for key in keys}
    for key in others:
        before = found.get(key.name)
        kept = before is not None and before.said.en and not (reworded and key.said.en)
        found[key.name] = Key(key.name, key.default, before.said if before is not None and kept else key.said)
    return tuple(found.values())


def _prefixed(keys: Sequence[Key], prefix: str) -> Iterator[Key]:
    return (key._replace(name=f"{prefix}{key.name}") for key in keys)


class Chosen(NamedTuple):
    """What a command line chooses: names by group, several where they add up, and mechanisms for single slots."""

    names: Mapping[str, tuple[str, ...]]
    slots: Mapping[str, tuple[str, str]]

    def keys(self, folders: Sequence[Path]) -> tuple[Key, ...]:
        """Every key of the run, its own ones first; those that an experiment sets have its defaults."""
        found = choice("", ROOT, folders).keys
        last = ("task", "experiment")  # which set values of others
        for group, names in sorted(self.names.items(), key=lambda each: last.index(each[0]) if each[0] in last else -1):
            for name in names:
                if file_of(group, name, folders) is not None:
                    found = _merged(found, choice(group, name, folders).keys, reworded=False)
        for slot, (group, name) in self.slots.items():
            if file_of(group, name, folders) is not None:
                inner = choice(group, name, folders).keys
                found = tuple(key for key in found if key.name != slot)  # no value any more
                found = merged(found, tuple(key._replace(name=slot + key.name.removeprefix(group)) for key in inner))
        return found


def chosen(overrides: Sequence[str], folders: Sequence[Path]) -> Chosen:
    """What overrides choose, over what the task that they come to and an experiment bring; the first of a sweep's."""
    given: dict[str, tuple[str, ...]] = {}
    slots: dict[str, tuple[str, str]] = {}
    for text in overrides:
        if match := SLOT.fullmatch(text):
            slots[match[1]] = ("attention", match[2])
        elif match := OVERRIDE.fullmatch(text):
            names = match[3].strip("[]").split(",") if match[3].startswith("[") else [match[3].split(",")[0]]
            if match[2] is not None:
                slots[match[2]] = (match[1], names[0])
            elif "." not in match[1]:
                given[match[1]] = tuple(each.strip() for each in names)
    base = _chooses("", ROOT, folders)
    experiment = _chooses("experiment", given.get("experiment", ("",))[0], folders)
    task = given.get("task", (experiment.get("task") or base.get("task", ""),))[0]
    plain = {**base, **_chooses("task", task, folders), **experiment, "task": task}
    return Chosen({group: (name,) for group, name in plain.items()} | given, slots)


def brings(experiment: str, folders: Sequence[Path]) -> dict[str, str]:
    """The names that an experiment chooses, by their groups; none for one that isn't there."""
    return _chooses("experiment", experiment, folders)


def _chooses(group: str, name: str, folders: Sequence[Path]) -> dict[str, str]:
    path = file_of(group, name, folders)
    return {} if path is None else _of_defaults(read(path), "")[0]
