"""From a resolved configuration to objects: data, model, task, trainer; and back from a checkpoint."""

import inspect
import typing
from collections.abc import Sequence
from pathlib import Path
from types import UnionType
from typing import Any

import hydra.utils
import torch
from hydra.errors import InstantiationException
from lightning.fabric.utilities.exceptions import MisconfigurationException
from omegaconf import DictConfig, OmegaConf

from attnlab import checkpoint
from attnlab.errors import UserError

Config = dict[str, Any]


def instantiate(node: Any, key: str, **arguments: Any) -> Any:
    """Build what a config node describes; a constructor's refusal becomes one line.

    Raises:
        UserError: with the constructor's own words, or naming the key that has the wrong type or is unknown.
    """
    config = OmegaConf.create(node)
    _check_signatures(OmegaConf.to_container(config), key)
    try:
        return hydra.utils.instantiate(config, **arguments)
    except InstantiationException as error:
        raise _cause(error, key) from error


def call(factory: Any, key: str, **arguments: Any) -> Any:
    """Complete the `_partial_` that stood at `key`; its refusal becomes one line, as in `instantiate`."""
    try:
        return factory(**arguments)
    except (InstantiationException, ValueError, MisconfigurationException) as error:
        raise _cause(error, key) from error


def _cause(error: BaseException, key: str) -> BaseException:
    while isinstance(error, InstantiationException) and error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, UserError):
        return error
    if isinstance(error, (ValueError, InstantiationException, MisconfigurationException)):
        message = " ".join(str(error).split())
        # Our own constructors name the key; a library's don't.
        return UserError(message if "(set " in message else f"{message} (set {key}.*)")
    return error


def _check_signatures(node: Any, key: str) -> None:
    if isinstance(node, list):
        for number, child in enumerate(node):
            _check_signatures(child, f"{key}[{number}]")
    if not isinstance(node, dict):
        return
    if "_target_" in node:
        target = resolve(node["_target_"], key)
        _check_arguments(target, {str(k): v for k, v in node.items() if not str(k).startswith("_")}, key)
    for name, child in node.items():
        _check_signatures(child, f"{key}.{name}")


def resolve(target: str, key: str) -> Any:
    """The class or function that a `_target_` names."""
    try:
        return hydra.utils.get_object(target)
    except (ImportError, AttributeError, ValueError) as error:
        raise UserError(f"nothing can be imported as {target!r} (set {key}._target_)") from error


def _check_arguments(target: Any, given: Config, key: str) -> None:
    function = target.__init__ if inspect.isclass(target) else target
    if not (getattr(function, "__module__", "") or "").startswith("attnlab"):
        return  # a library's signature may say less than it takes
    parameters = inspect.signature(target).parameters
    hints = typing.get_type_hints(function)
    for name, value in given.items():
        if name not in parameters:
            raise UserError(f"{key} takes no {name!r}; it takes {', '.join(parameters)} (set {key}.{name})")
        if not _fits(value, hints.get(name, Any)):
            raise UserError(f"{key}.{name} must be {_words(hints[name])}, got {value!r}")


def _fits(value: Any, hint: Any) -> bool:
    """Whether a plain config value has an annotated type; anything but plain types and sequences of them passes."""
    if typing.get_origin(hint) in (typing.Union, UnionType):
        return any(_fits(value, each) for each in typing.get_args(hint))
    if typing.get_origin(hint) is typing.Literal:
        return value in typing.get_args(hint)
    if typing.get_origin(hint) is Sequence:
        return isinstance(value, list) and all(_fits(each, typing.get_args(hint)[0]) for each in value)
    if isinstance(value, (dict, list)) or hint not in (int, float, bool, str, type(None)):
        return hint not in (int, float, bool, str, type(None))
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint)


def _words(hint: Any) -> str:
    if typing.get_origin(hint) is typing.Literal:
        return "one of " + ", ".join(map(str, typing.get_args(hint)))
    if typing.get_origin(hint) in (typing.Union, UnionType):
        return " or ".join(_words(each) for each in typing.get_args(hint))
    if typing.get_origin(hint) is Sequence:
        return f"a list (each {_words(typing.get_args(hint)[0])})"
    known = {int: "a whole number", float: "a number", bool: "true or false", str: "text", type(None): "null"}
    return known.get(hint, str(hint))


def build_data(config: Config) -> Any:
    """The data module, nothing read yet: a LightningDataModule with `sizes`, `codec`, `checksum` and `summary`."""
    return instantiate(config["data"], "data")


def build_task(config: Config, sizes: dict[str, int], codec: Any) -> Any:
    """The task, a LightningModule, with its model; on the default device, so that `torch.device("meta")` costs nothing.

    Raises:
        UserError: model, data and task don't fit together, or a constructor refuses.
    """
    factory = instantiate(config["model"], "model")
    taken = inspect.signature(factory.func).parameters
    missing = [name for name in sizes if name not in taken]
    if missing:
        raise UserError(
            f"this model doesn't fit this data: {config['model']['_target_']} doesn't take {', '.join(missing)}, "
            f"which {config['data']['_target_']} gives (set model=... or data=...)"
        )
    model, task = call(factory, "model", **sizes), instantiate(config["task"], "task")
    if lacking := lacking_members(model, task, "model_members"):
        raise UserError(
            f"this model doesn't fit this task: {type(model).__name__} has no {lacking}, which {task.func.__name__} "
            "needs (set model=... or task=...)"
        )
    return call(task, "task", model=model, codec=codec)


def rehearse(config: Config) -> None:
    """Run every constructor on the meta device, so that a mistake is found before any data is prepared."""
    data = _data_that_fits(config, instantiate(config["task"], "task"))
    with torch.device("meta"):
        task = build_task(config, data.example_sizes, None)
        optimizer = call(task.optimizer, "optimizer", params=list(task.parameters()))
        call(task.scheduler, "scheduler", optimizer=optimizer, total_steps=1)
    for group in ("logger", "callbacks"):
        for name, node in config[group].items():
            build_part(node, f"{group}.{name}", config)
    factory = instantiate(config["trainer"], "trainer")
    trainer = call(factory, "trainer", directory=Path(config["output_dir"]), callbacks=[], loggers=[])
    if hasattr(task, "rehearse"):
        call(task.rehearse, "trainer", trainer=trainer)


def _data_that_fits(config: Config, task: Any) -> Any:
    """The data module. That it isn't one for this task comes before what it says of the values that the task sets."""
    kind = resolve(config["data"]["_target_"], "data")
    try:
        data = build_data(config)
    except UserError:
        if not inspect.isclass(kind) or not lacking_members(kind, task, "data_members"):
            raise
        data = kind
    if lacking := lacking_members(data, task, "data_members"):
        raise UserError(
            f"this data doesn't fit this task: {kind.__name__} has no {lacking}, which {task.func.__name__} needs "
            "(set task=... or data=...)"
        )
    return data


def lacking_members(part: Any, task: Any, members: str) -> str:
    """What the class of a task yet to be made asks for in its `data_members` or `model_members`, and `part` hasn't."""
    asked = getattr(task.func, members, ())
    known = set(dir(part))  # hasattr would call properties, which need data that isn't read yet
    if inspect.isclass(part):
        known |= set(inspect.signature(part).parameters)  # most of which it keeps
    if getattr(type(part), "forward", None) is torch.nn.Module.forward:  # which only says that there is none
        known.remove("forward")
    return ", ".join(name for name in asked if name not in known)


def build_part(node: Config, key: str, config: Config) -> Any:
    """A logger or callback; those that ask for them are given the run's folder, name and group."""
    task = config["run_path"].split("/")[0]
    offered = {"directory": Path(config["output_dir"]), "name": config["name"], "group": task}
    wanted = inspect.signature(resolve(node["_target_"], key)).parameters
    return instantiate(node, key, **{name: value for name, value in offered.items() if name in wanted})


def restore(path: Path, *, trust: tuple[str, ...] = (), overrides: Config | None = None) -> tuple[Config, Any]:
    """The run's config and its trained task, from a checkpoint alone; `overrides` takes the config's place.

    Raises:
        UserError: the checkpoint is damaged, or names something outside the allow-list.
    """
    stored = checkpoint.load(path)
    config = overrides or checkpoint.config_of(stored)
    ours = stored[checkpoint.KEY]
    codec_target = f"attnlab.data.{ours['codec']['class']}"
    checkpoint.check_targets(
        {**{k: config[k] for k in ("model", "task")}, "codec": {"_target_": codec_target}}, trust=trust
    )
    # Not through Hydra: a vocabulary may hold what looks like an interpolation.
    codec = hydra.utils.get_class(codec_target)(**ours["codec"]["state"])
    task = build_task(config, ours["sizes"], codec)
    try:
        task.load_state_dict(stored["state_dict"])
    except (KeyError, RuntimeError) as error:
        raise UserError(f"the weights in this checkpoint don't fit its own config, got {path}") from error
    task.eval()
    return config, task


def codec_state(codec: Any) -> Config:
    """How a checkpoint stores a codec: its class and its plain values."""
    return {"class": type(codec).__name__, "state": codec.state()}


def plain(config: DictConfig) -> Config:
    """A resolved config as plain dictionaries."""
    container = OmegaConf.to_container(config, resolve=True)
    assert isinstance(container, dict)
    return typing.cast(Config, container)
