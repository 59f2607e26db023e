"""A key that the chosen option of a group hasn't, and another option of that group has: which, and how it is set."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hydra.core.hydra_config import HydraConfig

from attnlab.config import fitting
from attnlab.config.choices import choice
from attnlab.config.conf_path import conf_dir
from attnlab.config.identity import OPTIONAL
from attnlab.config.suggestions import groups
from attnlab.errors import UserError

MOST = 3  # options that are named
MECHANISMS = ("attention", "feature_attention")


class _Place(NamedTuple):
    """Where a group's values stand, and what is chosen there: attention, or model.cross_attention, say."""

    group: str
    prefix: str
    chosen: str

    @property
    def slot(self) -> str:
        """The one of the model's that it is alone, as the grid calls it; "" of a whole group."""
        return "" if self.prefix == self.group else self.prefix.removeprefix("model.").removesuffix("_attention")


def taken_by_others(key: str, typed: str) -> str:
    """`additive takes no window; local does (attention=local attention.core.window=5)`; "" where no other has it.

    `typed` is the value that the user gave the key.
    """
    choices = dict(HydraConfig.get().runtime.choices)
    place, name = _place(key, choices), key.rpartition(".")[2]
    if place is None:
        return ""
    keys = _keys(place)
    chosen = [known for option in re.findall(r"\w+", place.chosen) for known in keys.pop(option, ())]
    if not chosen or any(each.rpartition(".")[2] == name for each in chosen):
        return ""
    having = {option: found for option, known in keys.items() if (found := _meant(known, key, name))}
    fitting_here = {option: found for option, found in having.items() if _fits(place, option, choices)}
    if not having:
        return ""
    if not fitting_here:
        return _elsewhere(place, name, having, choices, typed)
    option, found = next(iter(fitting_here.items()))
    if place.group in OPTIONAL and found == key:  # whose name is in the key, and what is said of a key tells
        return ""
    return f"{_told(place, name, list(fitting_here))} ({_set(place, option)} {found}={typed})"


def _told(place: _Place, name: str, options: Sequence[str]) -> str:
    has = f"{place.chosen} takes no {name}" if place.group not in OPTIONAL else f"nothing chosen takes {name}"
    return f"{has}; {_row(options)} {'does' if len(options) == 1 else 'do'}"


def _elsewhere(place: _Place, name: str, having: Mapping[str, str], choices: Mapping[str, Any], typed: str) -> str:
    """Of mechanisms, that other models of this task take those that have it; "" of what this task takes nowhere."""
    known_here = place.group in MECHANISMS and not place.slot
    cells = fitting.read()["cells"].get(str(choices.get("task")), {}) if known_here else {}
    for model, known in cells.items():
        there = [each for each in having if "slots" in known[place.group].get(each, {})]
        if there:
            setting = f"model={model} {place.group}={there[0]} {having[there[0]]}={typed}"
            return f"{_told(place, name, there)}, in other models ({setting})"
    return ""


def _row(names: Sequence[str]) -> str:
    shown = [*names[:MOST], *([f"{len(names) - MOST} more"] if len(names) > MOST else [])]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _set(place: _Place, option: str) -> str:
    return f"{place.prefix}=[default,{option}]" if place.group in OPTIONAL else f"{place.prefix}={option}"


def _place(key: str, choices: Mapping[str, Any]) -> _Place | None:
    """The place whose key it would be: of a slot that has a mechanism of its own before that of the model."""
    for chosen, name in choices.items():
        group, _, package = chosen.partition("@")
        if package and name and key.startswith(f"{package}."):
            return _Place(group, package, str(name))
    group = key.partition(".")[0]
    known = group != key and group in groups() and group not in ("experiment", "study", "task")
    return _Place(group, group, str(choices.get(group))) if known else None


def _keys(place: _Place) -> dict[str, list[str]]:
    """The keys of each option of a group, as they would be called at this place."""
    folders = [Path(each.path) for each in HydraConfig.get().runtime.config_sources if each.schema == "file"]
    folders.append(conf_dir())
    names = sorted({path.stem for each in folders for path in (each / place.group).glob("[!_]*.yaml")})
    found = {}
    for name in names:
        try:
            keys = choice(place.group, name, folders).keys
        except UserError:  # a file that nobody chose
            continue
        found[name] = [place.prefix + each.name.removeprefix(place.group) for each in keys]
    return found


def _meant(known: Sequence[str], key: str, name: str) -> str:
    """The key itself, or that which ends alike."""
    return key if key in known else next((each for each in known if each.rpartition(".")[2] == name), "")


def _fits(place: _Place, option: str, choices: Mapping[str, Any]) -> bool:
    """Whether a shipped option may stand where this task and model are; of others nothing is known here."""
    group = place.group
    grid, task, model = fitting.read(), str(choices.get("task")), str(choices.get("model"))
    if group in MECHANISMS:
        cell = grid["cells"].get(task, {}).get(model, {}).get(group, {})
        if option not in grid[group] or option not in cell:
            return True
        slots = cell[option].get("slots", {})
        return slots.get(place.slot) == option if place.slot else bool(slots)
    if group == "model":
        shipped = {each for known in grid["cells"].values() for each in known}
        return option not in shipped or option in grid["cells"].get(task, {})
    tasks = grid["fits"].get(group, {}).get(option)
    return tasks is None or task in tasks
