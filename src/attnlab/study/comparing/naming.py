"""What tells configurations apart, in the fewest settings that a command line could give."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from attnlab.reading.bounds import read_text
from attnlab.reading.plain_yaml import plain_texts
from attnlab.runs import run_folder
from attnlab.study.arms import MISSING
from attnlab.study.comparing.configurations import SEED, followers, values_of
from attnlab.study.comparing.found_runs import FoundRun

# Groups whose file says nothing of what is computed, or sets values of many others.
UNSAID = ("experiment", "callbacks", "logger")
NO_FILE = ("", "null", "~")  # as YAML writes that none is chosen
RECORD = 1  # MiB; Hydra writes some ten thousand bytes
MECHANISMS = {
    "attention": re.compile(r"(model\.(?!feature_)(\w+_)?)?attention(\.|$)"),
    "feature_attention": re.compile(r"(model\.)?feature_attention(\.|$)"),
}

Runs = Sequence[FoundRun]


class _Column(NamedTuple):
    """A setting and its value in each group of runs."""

    key: str
    values: tuple[str, ...]


def settings(parts: Sequence[Runs]) -> list[dict[str, str]]:
    """For each group of runs the fewest settings that tell it from all others, by the keys that set them.

    Files of groups (`attention=additive`) go before single values, which are taken where those don't suffice.
    """
    values = _values(parts)
    varied = [column for column in values if len(set(column.values)) > 1]
    files = [column for column in _files(parts) if any(_sets(column.key, each.key) for each in varied)]
    named = [column._replace(key=_set_by(column.key, parts)) for column in varied]
    picked = _picked(named, len(parts), _picked(files, len(parts), []))
    told = [_needed(picked, place) for place in range(len(parts))]
    return [
        {column.key: column.values[place] for column in columns if column.values[place] != MISSING}
        for place, columns in enumerate(told)
    ]


def names(said: Sequence[Mapping[str, str]]) -> list[str]:
    """`additive`, `additive model.dim=64` or `model=transformer`, of the settings of each group.

    The mechanism goes without its key where only one of its kinds tells groups apart.
    """
    mechanisms = [key for key in MECHANISMS if any(key in each for each in said)]
    bare = mechanisms[0] if len(mechanisms) == 1 else None
    return [" ".join(value if key == bare else f"{key}={value}" for key, value in each.items()) or "-" for each in said]


def _picked(columns: Sequence[_Column], most: int, before: Sequence[_Column]) -> list[_Column]:
    """Those that part groups the most, one after another, until each is alone or none parts them further."""
    picked = list(before)
    while columns and (parted := _num_parts(picked)) < most:
        best = max(columns, key=lambda column: _num_parts([*picked, column]))
        if _num_parts([*picked, best]) == parted:
            break
        picked.append(best)
    return picked


def _needed(columns: Sequence[_Column], place: int) -> list[_Column]:
    """Those without which one group couldn't be told from another; a mechanism stays."""
    kept = list(columns)
    for column in reversed(columns):
        others = [each for each in kept if each is not column]
        alike = [
            all(each.values[other] == each.values[place] for each in others) for other in range(len(column.values))
        ]
        if others and column.key not in MECHANISMS and sum(alike) == 1:
            kept = others
    return kept


def _num_parts(columns: Sequence[_Column]) -> int:
    return len(set(zip(*(column.values for column in columns), strict=True))) if columns else 1


def _values(parts: Sequence[Runs]) -> list[_Column]:
    """All keys but seeds that hold their run's own in every group; other seeds come last."""
    found = [values_of(part[0]) for part in parts]
    keys = list(dict.fromkeys(key for each in found for key in each))
    aside = {key for key in keys if all(key in followers(part) for part in parts)}
    ordered = sorted((key for key in keys if key not in aside), key=lambda key: SEED.fullmatch(key) is not None)
    return [_Column(key, tuple(_text(each.get(key, MISSING)) for each in found)) for key in ordered]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _set_by(key: str, parts: Sequence[Runs]) -> str:
    """The key that sets it: of what a model has a copy of, such as its attention, the original's."""
    group, _, original = key.partition(".")
    if group != "model":
        return key
    for part in parts:
        places = dict(run_folder.leaves(part[0].config))
        if key in places and (original not in places or places[original] != places[key]):
            return key
    return original


# Files of groups


def _files(parts: Sequence[Runs]) -> list[_Column]:
    """Which file each configuration has of each group; of none that runs of one configuration have two of."""
    chosen = [[_choices(run) for run in part] for part in parts]
    if not all(each for part in chosen for each in part):  # one of them isn't known: all by their classes
        chosen = [[_classes(run.config) for run in part] for part in parts]
    groups = list(dict.fromkeys(group for part in chosen for group in part[0]))
    groups.sort(key=lambda group: group.partition("@")[0] not in MECHANISMS)
    return [
        _Column(group, tuple(part[0].get(group, MISSING) for part in chosen))
        for group in groups
        if all(each.get(group) == part[0].get(group) for part in chosen for each in part)
    ]


def _choices(run: FoundRun) -> dict[str, str]:
    """As Hydra has them on record; nothing of a run without.

    Read as it stands, for anyone may have written it: names alone, of which none refers to another value.
    """
    path = run.folder / ".hydra" / "hydra.yaml"
    try:
        found: Any = plain_texts(read_text(path, mib=RECORD))
    except (OSError, ValueError):
        return {}
    for key in ("hydra", "runtime", "choices"):
        found = found.get(key) if isinstance(found, dict) else None
    return {
        str(group): name
        for group, name in (found if isinstance(found, dict) else {}).items()
        if isinstance(name, str) and name not in NO_FILE and not str(group).startswith("hydra/") and group not in UNSAID
    }


def _classes(config: Mapping[str, Any]) -> dict[str, str]:
    """Names that files have after their class: `scaled_dot` after ScaledDotAttention."""
    found = {}
    for group in (*MECHANISMS, "model"):
        node = config.get(group)
        target = node.get("_target_") if isinstance(node, dict) else None
        if isinstance(node, dict) and isinstance(node.get("core"), dict):
            target = node["core"].get("_target_", target)
        if isinstance(target, str):
            words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", target.rsplit(".", 1)[-1]).lower()
            found[group] = words.removesuffix("_attention") if group in MECHANISMS else words
    return found


def _sets(group: str, key: str) -> bool:
    """Whether a group's file may set a value."""
    name, _, package = group.partition("@")
    if package:
        return key.startswith(f"{package}.")
    pattern = MECHANISMS.get(name)
    return pattern.match(key) is not None if pattern else key.startswith(f"{name}.")
