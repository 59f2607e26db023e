"""The legal grid, by the constructors' own word: which mechanism fits where. `make grid` writes it down as grid.json.

    {"schema": 1,
     "attention": {NAME: {"serves": [ROLE ...], "refuses": {ROLE: reason}, "on_grids": true where it needs places}},
     "fits": {"data": {NAME: [TASK ...]}, "tokenizer": {NAME: [TASK ...]}},
     "feature_attention": {NAME: {"around": [the attention mechanisms that it can be built around]}},
     "cells": {TASK: {MODEL: {"attention": {NAME: {"slots": {SLOT: mechanism}} or {"refused": reason}},
                              "feature_attention": likewise}}}}

A model is listed under a task if it fits the task's default data; a group it has no place for is empty. Names are
sorted, slots in the model's order. `attnlab list` reads the file, so that it needn't build anything.
"""

import inspect
import json
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

import hydra
import torch
from hydra.core.global_hydra import GlobalHydra
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import InterpolationKeyError

from attnlab.attention import Role, RoleError
from attnlab.attention.places import told_grid
from attnlab.commands.list.catalogue import catalogue
from attnlab.config import fitting
from attnlab.config.choices import choice
from attnlab.config.compose import load_group
from attnlab.config.conf_path import conf_dir
from attnlab.config.resolvers import register_resolvers
from attnlab.errors import UserError
from attnlab.models.layers.slots import HasSlots
from attnlab.runs import build
from attnlab.runs.instantiation import instantiate

SCHEMA = 1
GROUPS = ("attention", "feature_attention")
# Of a layer built only to hear which roles it serves: an even number of channels for each head, a few blocks long.
PROBE_DIM, PROBE_HEADS, PROBE_LENGTH, PROBE_SIZE = 32, 2, 64, (8, 8)


@dataclass(frozen=True)
class Pair:
    """A task and a model that fits its default data, composed but not resolved, so that a part can be swapped."""

    task: str
    model: str
    config: DictConfig

    def takes(self, group: str) -> bool:
        """Whether the model has a place for mechanisms of this group."""
        return group in self.config.model

    def resolved(self) -> build.Config:
        """The task, model and data as plain dictionaries."""
        return _resolved(self.config)

    def with_part(self, group: str, part: DictConfig) -> build.Config:
        """The same with another part: what `GROUP=NAME` on the command line composes."""
        config = deepcopy(self.config)
        config[group] = part
        return _resolved(config)


def pairs(overrides: Sequence[str] = ()) -> Iterator[Pair]:
    """Every task with every model that fits its default data; `overrides` apply to all."""
    names = catalogue([conf_dir()])
    for task in names["task"]:
        for model in names["model"]:
            found = pair(task, model, overrides)
            if _fits(found.config):
                yield found


def pair(task: str, model: str, overrides: Sequence[str] = ()) -> Pair:
    """A task with a model, whether or not it fits."""
    register_resolvers()
    GlobalHydra.instance().clear()
    with hydra.initialize_config_dir(str(conf_dir()), version_base="1.3"):
        config = hydra.compose("train", overrides=[f"task={task}", f"model={model}", *overrides])
    OmegaConf.set_struct(config, False)
    return Pair(task, model, config)


def parts(group: str) -> dict[str, DictConfig]:
    """The shipped mechanisms of a group, by name."""
    return {name: load_group(group, name) for name in catalogue([conf_dir()])[group]}


def example_sizes(config: build.Config) -> dict[str, int]:
    """Sizes such as the data would give the model, without reading any."""
    sizes: dict[str, int] = build.build_data(config).example_sizes
    return sizes


def grid() -> dict[str, Any]:
    """Ask every constructor, on the meta device; the layout is this module's docstring's."""
    mechanisms = {group: parts(group) for group in GROUPS}
    cells: dict[str, Any] = {}
    for each in pairs():
        cells.setdefault(each.task, {})[each.model] = {
            group: {name: _cell(each, group, part) for name, part in mechanisms[group].items()}
            if each.takes(group)
            else {}
            for group in GROUPS
        }
    return {
        "schema": SCHEMA,
        "attention": {name: _roles(part) for name, part in mechanisms["attention"].items()},
        "feature_attention": {
            name: {"around": _around(part, mechanisms["attention"])}
            for name, part in mechanisms["feature_attention"].items()
        },
        "fits": fits(),
        "cells": cells,
    }


def fits() -> dict[str, dict[str, list[str]]]:
    """The tasks of each data set and tokenizer: whose default data has such a codec, and takes such a tokenizer."""
    names = catalogue([conf_dir()])
    defaults = {task: choice("task", task, [conf_dir()]).chooses for task in names["task"]}
    modules = {task: _class_of("data", chosen["data"]) for task, chosen in defaults.items()}
    tokenizers = {task: _tokenizer_of(modules[task]) for task, chosen in defaults.items() if "tokenizer" in chosen}
    return {
        "data": {
            name: [task for task, module in modules.items() if _class_of("data", name).codec_type is module.codec_type]
            for name in names["data"]
        },
        "tokenizer": {
            name: [task for task, wanted in tokenizers.items() if _provides(_class_of("tokenizer", name), wanted)]
            for name in names["tokenizer"]
        },
    }


def _class_of(group: str, name: str) -> Any:
    found = hydra.utils.get_class(str(choice(group, name, [conf_dir()]).target))
    return found


def _tokenizer_of(module: Any) -> type:
    """What a data module's constructor says that its tokenizers are."""
    makes = get_type_hints(module.__init__)["tokenizer"]
    wanted: type = get_args(makes)[1]
    return wanted


def _provides(made: type, wanted: type) -> bool:
    """Whether a class has all methods that a protocol names; its values may be an instance's alone."""
    methods = [name for name, member in vars(wanted).items() if callable(member) and not name.startswith("_")]
    return all(hasattr(made, name) for name in methods)


def text(content: dict[str, Any]) -> str:
    """The file's text."""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _resolved(config: DictConfig) -> build.Config:
    found: build.Config = {key: OmegaConf.to_container(config[key], resolve=True) for key in ("task", "model", "data")}
    return found


def _fits(config: DictConfig) -> bool:
    try:
        resolved = _resolved(config)
    except InterpolationKeyError:  # the model refers to a length or size that this data doesn't have
        return False
    factory, sizes = instantiate(resolved["model"], "model"), example_sizes(resolved)
    try:
        inspect.signature(factory).bind(**sizes)
    except TypeError:  # it takes other sizes than the data gives
        return False
    with torch.device("meta"):
        task = instantiate(resolved["task"], "task")
        return not build.lacking_members(factory(**sizes), task.func.model_members)


def _cell(where: Pair, group: str, part: DictConfig) -> dict[str, Any]:
    config = where.with_part(group, part)
    try:
        with torch.device("meta"):
            task = build.build_task(config, example_sizes(config), None)
    except UserError as refusal:
        return {"refused": str(refusal)}
    return {"slots": task.model.slots if isinstance(task.model, HasSlots) else {}}


def _roles(part: DictConfig) -> dict[str, Any]:
    factory = instantiate(part, "attention")
    serves: list[Role] = []
    refuses: dict[str, str] = {}
    for role in get_args(Role):
        if (refusal := _refusal(told_grid(factory, PROBE_SIZE), role)) is None:
            serves.append(role)
        else:
            refuses[role] = refusal
    on_grids = any(_refusal(factory, role) for role in serves)
    return {"serves": serves, "refuses": refuses} | ({"on_grids": True} if on_grids else {})


def _refusal(factory: Callable[..., object], role: Role) -> str | None:
    """Why a layer can't stand in a role, or None."""
    try:
        with torch.device("meta"):
            factory(PROBE_DIM, num_heads=PROBE_HEADS, role=role, max_length=PROBE_LENGTH)
    except RoleError as refusal:
        return str(refusal)
    return None


def _around(part: DictConfig, attentions: dict[str, DictConfig]) -> list[str]:
    if "attention" not in part:
        return []
    taken = []
    for name, attention in attentions.items():
        root = OmegaConf.create({"attention": attention, "mechanism": part})
        factory = instantiate(OmegaConf.to_container(root.mechanism, resolve=True), "feature_attention")
        try:
            with torch.device("meta"):
                factory(PROBE_DIM, max_size=PROBE_SIZE)
        except RoleError:
            continue
        taken.append(name)
    return taken


if __name__ == "__main__":
    fitting.PATH.write_text(text(grid()), encoding="utf-8")
    print(f"wrote {fitting.PATH}")
