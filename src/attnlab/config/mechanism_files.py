"""A mechanism's file of the user's own: whether it is written as one that makes a mechanism, told by the file alone.

Neither the class that it names nor torch is loaded for that.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from attnlab.config.choices import file_of
from attnlab.config.conf_path import conf_dir
from attnlab.errors import UserError, closest

GROUPS = ("attention", "feature_attention")
CONVERSIONS = ("none", "partial", "object", "all")
OF_HYDRA = ("_target_", "_partial_", "_recursive_", "_convert_")
SHELL = "defaults: [_shell, _self_]"
CORE = "{_target_: my_package.MyAttention, _partial_: true}"
# What is given by whoever makes it, so that no value in a file is ever read: by a model, by the shell, on feature maps.
OF_MODEL = ("dim", "num_heads", "role", "max_length", "key_dim", "value_dim", "grid", "num_extra")
OF_SHELL = ("num_heads", "head_dim", "role", "max_length", "dropout")
OF_MAPS = ("max_size",)
_chosen: list[tuple[str, Path]] = []  # groups and files
SHOWN = 60  # letters of a value


def own_file(group: str, name: str, folders: Sequence[str | Path]) -> Path | None:
    """Where a name of a group lies that is of the user's own; None for one of ours."""
    found = file_of(group, name, [conf_dir(), *map(Path, folders)])
    return None if found is None or found.is_relative_to(conf_dir()) else found


def shown(path: Path) -> str:
    """A file by the shorter of its names, from here or whole."""
    return os.path.relpath(path) if path.is_absolute() and path.is_relative_to(Path.cwd()) else str(path)


def remember(choices: Mapping[Any, Any], folders: Sequence[str]) -> None:
    """Keep which files of the user's own were chosen last: what is made of them is told by its key alone.

    `choices` are Hydra's, whose own are gone before a run is built.
    """
    _chosen.clear()
    for place, name in choices.items() if folders else ():
        group = str(place).partition("@")[0]
        if (file := own_file(group, str(name), folders)) is not None:
            _chosen.append((group, file.absolute()))


def file_with(group: str, text: str) -> str:
    """` in FILE` for that which was chosen last of a group, if it is the user's own and has such a text; else ""."""
    for of, path in _chosen:
        if of == group and path.is_file() and text in path.read_text(encoding="utf-8", errors="replace"):
            return f" in {shown(path)}"
    return ""


def check_mechanism(node: Any, group: str, file: Path) -> None:
    """Raise UserError, which names the file, if what it composes to can't make a mechanism of a group."""
    said = next(_wrong(node, group, shown(file)), None)
    if said is not None:
        raise UserError(said)


def given_anyway(node: Mapping[Any, Any], key: str) -> tuple[str, str] | None:
    """A value at a mechanism's dotted key that another is put in the place of, and where to set it instead."""
    kinds = {"core": OF_SHELL, "feature_attention": OF_MAPS}
    for name in kinds.get(key.rpartition(".")[2], OF_MODEL):
        if name in node:
            where = {
                "dropout": key.removesuffix("core") + "dropout",
                "num_heads": "model.num_heads",
                "dim": "model.dim",
            }
            return name, where.get(name, "")
    return None


def check_not_given(node: Mapping[Any, Any], key: str) -> None:
    """Raise UserError for a value of a run's mechanism, at its dotted key, that nothing would read."""
    if (found := given_anyway(node, key)) is not None:
        name, instead = found
        file = file_with(key.partition(".")[0] if key.startswith(GROUPS) else "attention", f"{name}:")
        drop = f"drop {name}{file}" if file else f"drop {key}.{name}"
        raise UserError(
            f"{key}.{name} is given by what makes it, whatever is set here, got {node[name]} "
            f"({f'set {instead}, and ' if instead else ''}{drop})"
        )


def suspects(config: DictConfig, choices: Mapping[str, Any], folders: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The group and name of each file of the user's own that a run has for its mechanism, if it isn't written as one.

    `choices` are Hydra's, `GROUP` or `GROUP@PLACE` each.
    """
    for place, name in choices.items():
        group, _, where = place.partition("@")
        file = own_file(group, str(name), folders) if group in GROUPS and folders else None
        if file is not None and next(_wrong(_written(config, where or group), group, shown(file)), None) is not None:
            yield group, str(name)


def _written(config: DictConfig, place: str) -> Any:
    """What stands at a dotted key, with what refers to something else left as it is."""
    node: Any = OmegaConf.to_container(config, resolve=False)
    for part in place.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    return node


def _wrong(node: Any, group: str, file: str) -> Iterator[str]:
    """What is wrong with what a file composes to; the first of it says enough."""
    node = OmegaConf.to_container(node, resolve=False) if isinstance(node, DictConfig | ListConfig) else node
    if not isinstance(node, Mapping) or (node and all(value is None for value in node.values())):
        got = f"only {', '.join(map(str, node))}" if isinstance(node, Mapping) else _got(node)
        yield f"{group} must be a group of values, got {got} (write {_whole(group)} in {file})"
        return
    if group == "attention" and "_target_" not in node:
        alone = ", ".join(map(str, node)) or "nothing"
        yield f"{group} must stand in the shell, got {alone} alone (begin {file} with {SHELL})"
    yield from _of_node(node, group, group, file)
    yield from _of_given(node, group, file)
    if group == "attention" and "core" in node:
        yield from _of_core(node["core"], file)
    elif group == "attention" and str(node["_target_"]).endswith("attention.MultiHeadAttention"):
        yield f"attention must have a core, got none (write core: {CORE} in {file})"


def _whole(group: str) -> str:
    if group == "attention":
        return f"{SHELL} and core: {CORE}"
    return "_target_: my_package.MyAttention and _partial_: true"


def _of_core(core: Any, file: str) -> Iterator[str]:
    if not isinstance(core, Mapping):
        if isinstance(core, str) and "${" in core:
            return
        target = core if isinstance(core, str) and "." in core else "..."
        yield (
            f"core must be a mapping with _target_ and _partial_: true, got {_got(core)} (write core: "
            f"{{_target_: {target}, _partial_: true}} in {file})"
        )
        return
    if isinstance(core.get("core"), Mapping) and "_target_" not in core:
        yield f"core must have a _target_ itself, got a core in it (write one core: alone in {file})"
    yield from _of_node(core, "core", "attention.core", file)
    yield from _of_given(core, "attention.core", file)


def _of_given(node: Mapping[Any, Any], key: str, file: str) -> Iterator[str]:
    if (found := given_anyway(node, key)) is None:
        return
    name, instead = found
    cure = f"drop it in {file}"
    if name == "dropout":
        cure = f"write dropout: {node[name]} above core: in {file}, and not below"
    elif instead:
        cure = f"{cure}, and set {instead}, or {name} of build_attention"
    yield f"{key}.{name} is given by what makes it, whatever a file says, got {_got(node[name])} ({cure})"


def _of_node(node: Mapping[Any, Any], name: str, key: str, file: str) -> Iterator[str]:
    """What is wrong with how a node says what is made of it."""
    under = " under core:" if name == "core" else ""
    target, partial = node.get("_target_"), node.get("_partial_")
    if not isinstance(target, str):
        got = "none" if "_target_" not in node else _got(target)
        yield (
            f"{key} must have a _target_, the dotted name of the class to make, got {got} (write _target_: "
            f"my_package.MyAttention{under} in {file})"
        )
    elif "${" not in target and not all(target.split(".")):
        yield (
            f"{key}._target_ must be the dotted name of a class, got {target!r} (write _target_: "
            f"my_package.MyAttention{under} in {file})"
        )
    if partial is not True and not (isinstance(partial, str) and "${" in partial):
        got = "none" if "_partial_" not in node else _got(partial)
        yield (
            f"{key} is made once the rest is known, so it must have _partial_: true, got {got} (write _partial_: true "
            f"beside its _target_{under} in {file})"
        )
    if "_args_" in node:
        yield (
            f"{key} is given each value by its name, got _args_: {_got(node['_args_'])} (write KEY: VALUE{under} in "
            f"{file} instead)"
        )
    for each in map(str, node):
        if not each.isidentifier():
            yield f"{key} takes values by names, got {each!r} (drop it{under} in {file})"
        if each.startswith("_") and each.endswith("_") and each not in (*OF_HYDRA, "_args_"):
            yield f"{key} has no {each}{closest(each, OF_HYDRA)} (drop it{under} in {file})"
    if "_recursive_" in node and not isinstance(node["_recursive_"], bool):
        yield f"{key}._recursive_ must be true or false, got {_got(node['_recursive_'])} (drop it{under} in {file})"
    if "_convert_" in node and node["_convert_"] not in CONVERSIONS:
        known = ", ".join(CONVERSIONS)
        yield f"{key}._convert_ must be one of {known}, got {_got(node['_convert_'])} (drop it{under} in {file})"


def _got(value: Any) -> str:
    """A value as whoever wrote it knows it."""
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, Mapping):
        return f"a mapping of {', '.join(map(str, value)) or 'nothing'}"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def filled(node: DictConfig, *, around: DictConfig | None = None) -> dict[str, Any]:
    """The values of a mechanism; of one on maps, with the one that stands for `${attention}`, it is built `around`.

    Raises:
        UserError: one refers to what isn't there.
    """
    if around is not None:
        node = OmegaConf.create({"attention": around, "feature_attention": node}).feature_attention
    try:
        values = OmegaConf.to_container(node, resolve=True)
    except OmegaConfBaseException as error:
        at, said = getattr(error, "full_key", None), str(error).splitlines()[0]
        raise UserError(f"{at or 'a value'} refers to what isn't there: {said} (correct it)") from error
    assert isinstance(values, dict)
    return {str(key): value for key, value in values.items()}
