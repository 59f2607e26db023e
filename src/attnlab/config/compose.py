"""From command-line overrides to a checked configuration, with hydra and omegaconf alone (no torch)."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from hydra import compose, initialize_config_dir
from hydra.core.config_loader import ConfigLoader
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from packaging.version import Version

from attnlab.config.conf_path import conf_dir
from attnlab.config.identity import NOT_IDENTITY, run_hash
from attnlab.errors import UserError, closest, one_line


def _hash(*, _root_: DictConfig) -> str:
    kept: dict[str, Any] = {
        str(key): OmegaConf.to_container(_root_[key], resolve=True) if OmegaConf.is_config(_root_[key]) else _root_[key]
        for key in _root_
        if key not in NOT_IDENTITY
    }
    return run_hash(kept)


def _name(*, _root_: DictConfig) -> str:
    choices = HydraConfig.get().runtime.choices
    experiment = choices.get("experiment")
    parts = [experiment] if experiment else []
    parts.append(choices["model"])
    if "feature_attention" in _root_.model:
        parts.append(choices["feature_attention"])
    if _takes_attention(_root_):
        parts.append(choices["attention"])
    return "-".join(str(part) for part in parts)


def _gpus_per_node(*, _root_: DictConfig) -> int | None:
    return int(_root_.trainer.devices) if _root_.trainer.accelerator == "gpu" else None


def _fused() -> bool:
    """Whether optimizers have one kernel for all parameters on any device: torch 2.3, torchtext's, has it on GPUs."""
    return Version(version("torch")) >= Version("2.5")


def register_resolvers() -> None:
    """Make `${attnlab.hash:}` and its like, which the configuration uses, known to OmegaConf."""
    OmegaConf.register_new_resolver("attnlab.hash", _hash, replace=True)
    OmegaConf.register_new_resolver("attnlab.name", _name, replace=True)
    OmegaConf.register_new_resolver("attnlab.fused", _fused, replace=True)
    OmegaConf.register_new_resolver("attnlab.gpus_per_node", _gpus_per_node, replace=True)
    OmegaConf.register_new_resolver("attnlab.task", lambda: HydraConfig.get().runtime.choices["task"], replace=True)


class Composer(NamedTuple):
    """Hydra's loader, and the override that adds the user's own folders to where it looks."""

    loader: ConfigLoader
    search: list[str]

    def options(self, group: str) -> list[str]:
        names = self.loader.get_group_options(
            group, results_filter=ObjectType.CONFIG, config_name="train", overrides=self.search
        )
        return sorted(name for name in names if not name.startswith("_"))

    def compose(self, config_name: str | None, overrides: Sequence[str]) -> DictConfig:
        try:
            config = compose(config_name, overrides=[*overrides, *self.search], return_hydra_config=True)
        except (HydraException, OmegaConfBaseException) as error:
            if unused := re.match(r"Could not override '(\w+)'", str(error)):
                raise UserError(
                    f"this task has no {unused[1]} to choose, got {' '.join(overrides)} (drop it, or set task=...)"
                ) from error
            raise UserError(one_line(error)) from error
        HydraConfig.instance().set_config(config)
        return config

    def is_group(self, override: Override) -> bool:
        return bool(override.package) or bool(self.options(group_of(override)))

    def no_such_option(self, group: str, name: str) -> UserError:
        known = self.options(group)
        return UserError(f"no {group} is named {name!r}{closest(name, known)}; choose from {', '.join(known)}")


@contextmanager
def composing(config_dirs: Sequence[str]) -> Iterator[Composer]:
    register_resolvers()
    GlobalHydra.instance().clear()
    folders = ",".join(f"'file://{Path(folder).absolute()}'" for folder in config_dirs)
    with initialize_config_dir(str(conf_dir()), version_base="1.3", job_name="train"):
        yield Composer(GlobalHydra.instance().config_loader(), [f"hydra.searchpath=[{folders}]"] if folders else [])


def sugar(override: str) -> str:
    """`model.cross_attention=additive` stands for Hydra's `attention@model.cross_attention=additive`."""
    match = re.fullmatch(r"(\+{0,2})(model\.\w+_attention)=([\w,]+)", override)
    if match is None or match[3] == "null":
        return override
    return f"attention@{match[2]}={match[3]}"


def options(group: str, *, config_dirs: Sequence[str] = ()) -> list[str]:
    """The names that can be chosen in a configuration group, in order."""
    with composing(config_dirs) as composer:
        return composer.options(group)


def load_group(group: str, name: str, overrides: Sequence[str] = (), *, config_dirs: Sequence[str] = ()) -> DictConfig:
    """One file of a configuration group, composed on its own: `load_group("attention", "additive")`.

    Raises:
        UserError: there is no such name, or an override doesn't fit.
    """
    with composing(config_dirs) as composer:
        if name not in composer.options(group):
            raise composer.no_such_option(group, name)
        # Not as a config of its own: Hydra reads the search path too late to find one in the user's folders.
        config = composer.compose(None, [f"+{group}={name}", *overrides])
        for part in group.split("/"):
            config = config[part]
        return config


def compose_run(overrides: Sequence[str], *, config_dirs: Sequence[str] = ()) -> DictConfig:
    """The checked configuration of one run, without its `hydra` node.

    Raises:
        UserError: a group, option, key, type or syntax that doesn't fit; the message names it and the choices.
    """
    with composing(config_dirs) as composer:
        parsed = parse(overrides)
        for override in parsed:
            if override.is_sweep_override():
                raise UserError(f"several values make a sweep, got {override.input_line!r} (add -m)")
        groups = [override for override in parsed if composer.is_group(override)]
        values = [override for override in parsed if override not in groups]
        check_groups(composer, groups)
        before = composer.compose("train", [override.input_line or "" for override in groups])
        _check_keys(before, values)
        config = composer.compose("train", overrides)
        _check_types(before, config, values)
        _check_attention_is_used(config, parsed)
        return _checked_values(_without_hydra(config))


def parse(overrides: Sequence[str]) -> list[Override]:
    parser = OverridesParser.create()
    parsed = []
    for text in overrides:
        try:
            parsed.append(parser.parse_override(text))
        except HydraException as error:
            raise UserError(f"an override is KEY=VALUE, got {text!r} (quote values with spaces or brackets)") from error
    return parsed


def _without_hydra(config: DictConfig) -> DictConfig:
    kept = OmegaConf.create({key: config._get_node(key) for key in config if key != "hydra"})
    if missing := sorted(_missing(OmegaConf.to_container(kept, resolve=False))):
        raise UserError(f"{', '.join(missing)} must be given (set {missing[0]}=...)")
    try:
        resolved = OmegaConf.to_container(kept, resolve=True)
    except OmegaConfBaseException as error:
        raise UserError(_misfit(kept, error) or one_line(error)) from error
    assert isinstance(resolved, dict)
    return OmegaConf.create(resolved)


def _misfit(config: DictConfig, error: OmegaConfBaseException) -> str | None:
    """What to say where the model or the data asks for what the data or the task hasn't; None for other mistakes."""
    match = re.search(r"Interpolation key '([\w.]+)' not found", str(error))
    if match is None:
        return None
    chosen = HydraConfig.get().runtime.choices
    asking = [part for part in ("model", "data") if f"${{{match[1]}}}" in str(OmegaConf.to_container(config[part]))]
    if "model" in asking and match[1].startswith("data."):
        return (
            f"this model doesn't fit this data: model={chosen['model']} needs {match[1]}, which data={chosen['data']} "
            f"(of task={chosen['task']}) hasn't (set model=... or data=...)"
        )
    if "data" in asking:
        return (
            f"this data doesn't fit this task: data={chosen['data']} needs {match[1]}, which task={chosen['task']} "
            "hasn't (set task=... or data=...)"
        )
    return None


def _checked_values(config: DictConfig) -> DictConfig:
    if not 0 <= config.seed < 2**32:
        raise UserError(f"seed must be from 0 to {2**32 - 1}, got {config.seed} (set seed)")
    for key in ("output_dir", "output_root", "name", "init_from"):
        if config[key] is not None and not isinstance(config[key], str):
            raise UserError(f"{key} must be text, got {config[key]!r} (write {key}=\"'{config[key]}'\")")
    return config


def _missing(node: Any, path: str = "") -> Iterator[str]:
    """The keys whose value is ???, which the user must give. OmegaConf's own search fails at what refers to them."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _missing(value, f"{path}.{key}" if path else str(key))
    elif node == "???":
        yield path


def group_of(override: Override) -> str:
    return override.key_or_group.split("@")[0]


def check_groups(composer: Composer, overrides: list[Override]) -> None:
    for override in overrides:
        name, group = override.value(), group_of(override)
        if name is None and not override.package and group != "experiment":
            raise UserError(f"{group} is needed (choose from {', '.join(composer.options(group))})")
        for each in name if isinstance(name, list) else [name]:
            if each is not None and not override.is_delete() and each not in composer.options(group):
                raise composer.no_such_option(group, str(each))


def _check_keys(config: DictConfig, overrides: list[Override]) -> None:
    for override in overrides:
        key = override.key_or_group
        if not (override.is_add() or override.is_force_add() or key.split(".")[0] == "hydra"):
            check_key(config, key)


def check_key(config: DictConfig, key: str) -> None:
    """Raise UserError, with the nearest key, if there is no value at a dotted key to change."""
    node: Any = config
    parts = key.split(".")
    for depth, part in enumerate(parts):
        if not isinstance(node, DictConfig) or part not in node.keys():  # noqa: SIM118  # `in` misses a ??? value
            where = ".".join(parts[:depth])
            if not isinstance(node, DictConfig):
                raise UserError(f"no key {key!r}: {where} is a value, {node!r} (set {where}=...)")
            known = sorted(str(k) for k in node if not str(k).startswith("_") and k != "hydra")
            prefix = f"{where}." if where else ""
            close = closest(part, known, prefix)
            raise UserError(f"no key {key!r}{close}; {where or 'the top level'} has {', '.join(known)}")
        node = node[part] if depth + 1 < len(parts) else None


# bool before int: a bool is an int to isinstance.
_KINDS: tuple[tuple[type, tuple[type, ...], str], ...] = (
    (bool, (bool,), "true or false"),
    (int, (int,), "a whole number"),
    (float, (int, float), "a number"),
    (str, (str,), "text"),
)


def _check_types(before: DictConfig, after: DictConfig, overrides: list[Override]) -> None:
    for override in overrides:
        key = override.key_or_group
        if key.split(".")[0] == "hydra" or override.is_delete():
            continue
        default, value = _value(before, key), _value(after, key)
        if default is None or value is None:
            continue
        for container, words in ((DictConfig, "a group of values"), (ListConfig, "a list")):
            if isinstance(default, container) and not isinstance(value, container):
                raise UserError(f"{key} must be {words}, got {value!r} (set {key}.* or {key.split('.')[-1]}=NAME)")
        for kind, accepted, words in _KINDS:
            if isinstance(default, kind):
                if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
                    raise UserError(f"{key} must be {words}, got {value!r} (the default is {default!r})")
                break


def _value(config: DictConfig, key: str) -> Any:
    try:
        return OmegaConf.select(config, key)
    except OmegaConfBaseException:  # it refers to a value that is yet to be given
        return None


def _check_attention_is_used(config: DictConfig, overrides: list[Override]) -> None:
    model = HydraConfig.get().runtime.choices["model"]
    for group, taken in (
        ("attention", _takes_attention(config)),
        ("feature_attention", "feature_attention" in config.model),
    ):
        asked = [o.value() for o in overrides if o.key_or_group == group and not o.package]
        if asked and not taken:
            raise UserError(
                f"model={model} has no {group} to swap, got {group}={asked[-1]} (drop it, or set model=...)"
            )


def _takes_attention(config: DictConfig) -> bool:
    """Whether the model has a place for query-key-value attention, be it within its attention on feature maps."""
    return "attention" in config.model or (
        "feature_attention" in config.model and "attention" in config.model.feature_attention
    )
