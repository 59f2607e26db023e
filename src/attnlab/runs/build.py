"""From a resolved configuration to objects: data, model, task, trainer; and back from a checkpoint."""

import inspect
import sys
import typing
from collections.abc import Sequence
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any

import hydra.utils
import torch
from hydra.errors import InstantiationException
from omegaconf import DictConfig, OmegaConf
from torch import nn

from attnlab.errors import UserError
from attnlab.runs import checkpoint

if TYPE_CHECKING:
    from attnlab.models.predictors import Predictor

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
    except _refusals() as error:
        raise _cause(error, key) from error


def _refusals() -> tuple[type[BaseException], ...]:
    """What constructors refuse with; Lightning's own only where it is loaded, which predicting does without."""
    ours = (InstantiationException, ValueError)
    if "lightning" not in sys.modules:
        return ours
    from lightning.fabric.utilities.exceptions import MisconfigurationException

    return (*ours, MisconfigurationException)


def _cause(error: BaseException, key: str) -> BaseException:
    while isinstance(error, InstantiationException) and error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, UserError):
        return error
    if isinstance(error, _refusals()):
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
    # Callables that are no functions needn't say where they are from.
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
    """The data module (`attnlab.data.module`), nothing read yet."""
    return instantiate(config["data"], "data")


def build_task(config: Config, sizes: dict[str, int], codec: Any) -> Any:
    """The task (`attnlab.tasks.task`) with its model; on the default device, so `torch.device("meta")` costs nothing.

    Raises:
        UserError: model, data and task don't fit together, or a constructor refuses.
    """
    model, task = _build_model(config, sizes), _task_factory(config)
    if lacking := lacking_members(model, task.func.model_members):
        raise UserError(
            f"this model doesn't fit this task: {type(model).__name__} has no {lacking}, which {task.func.__name__} "
            "needs (set model=... or task=...)"
        )
    return call(task, "task", model=model, codec=codec)


def _task_factory(config: Config) -> Any:
    """Makes the task of a model and a codec."""
    from attnlab.tasks.task import Task  # Lightning's, which predicting does without

    factory = instantiate(config["task"], "task")
    if not issubclass(factory.func, Task):
        raise UserError(f"a task must be an attnlab.tasks.task.Task, got {config['task']['_target_']} (set task=...)")
    return factory


def _build_model(config: Config, sizes: dict[str, int]) -> Any:
    factory = instantiate(config["model"], "model")
    taken = inspect.signature(factory.func).parameters
    missing = [name for name in sizes if name not in taken]
    if missing:
        raise UserError(
            f"this model doesn't fit this data: {config['model']['_target_']} doesn't take {', '.join(missing)}, "
            f"which {config['data']['_target_']} gives (set model=... or data=...)"
        )
    return call(factory, "model", **sizes)


def rehearse(config: Config) -> None:
    """Run every constructor on the meta device, so that a mistake is found before any data is prepared."""
    from attnlab.tasks.task import ChoosesTrainers, ReadsFiles

    data = _data_that_fits(config, _task_factory(config))
    with torch.device("meta"):
        task = build_task(config, data.example_sizes, None)
        optimizer = call(task.optimizer, "optimizer", params=list(task.parameters()))
        call(task.scheduler, "scheduler", optimizer=optimizer, total_steps=1)
    for group in ("logger", "callbacks"):
        for name, node in config[group].items():
            build_part(node, f"{group}.{name}", config)
    factory = instantiate(config["trainer"], "trainer")
    trainer = call(factory, "trainer", directory=Path(config["output_dir"]), callbacks=[], loggers=[])
    if isinstance(task, ReadsFiles):
        call(task.read_files, "task")
    if isinstance(task, ChoosesTrainers):
        call(task.check_trainer, "trainer", trainer=trainer)


def _data_that_fits(config: Config, task: Any) -> Any:
    """The data module. That it isn't one for this task comes before what it says of the values that the task sets."""
    kind = resolve(config["data"]["_target_"], "data")
    if inspect.isclass(kind):
        _check_data(kind, task.func)
        return build_data(config)
    data = build_data(config)
    _check_data(type(data), task.func)
    return data


def _check_data(kind: type[Any], task: Any) -> None:
    from attnlab.data.module import DataModule

    if not issubclass(kind, DataModule):
        raise UserError(f"data must be an attnlab.data.module.DataModule, got {kind.__name__} (set data=...)")
    if not issubclass(kind.codec_type, task.codec_type):
        raise UserError(
            f"this data doesn't fit this task: {kind.__name__} has no {task.codec_type.__name__}, which "
            f"{task.__name__} needs (set task=... or data=...)"
        )


def lacking_members(part: Any, asked: Sequence[str]) -> str:
    """What is asked for, and `part` hasn't."""
    known = set(dir(part))
    if isinstance(part, nn.Module) and type(part).forward is nn.Module.forward:  # which only says that there is none
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
    codec = _restored_codec(config, stored, trust)
    task = build_task(config, stored[checkpoint.KEY]["sizes"], codec)
    _load_weights(task, stored["state_dict"], path)
    return config, task.eval()


def restore_predictor(path: Path, *, trust: tuple[str, ...] = ()) -> tuple[Config, "Predictor"]:
    """The run's config and its trained model as what answers with it: nothing of training is built or imported.

    Raises:
        UserError: as in `restore`; a task of the user's own has no predictor.
    """
    stored = checkpoint.load(path)
    config = checkpoint.config_of(stored)
    codec = _restored_codec(config, stored, trust)
    model = _build_model(config, stored[checkpoint.KEY]["sizes"])
    kind = predictor_type(config["task"]["_target_"])
    taken = {name: value for name, value in config["task"].items() if name in inspect.signature(kind).parameters}
    _check_arguments(kind, taken, "task")
    settings = instantiate(taken, "task", _convert_="all")
    predictor: Predictor = call(kind, "task", model=model, codec=codec, **settings)
    networks = nn.ModuleDict(predictor.modules)
    weights = {name: value for name, value in stored["state_dict"].items() if name.split(".")[0] in networks}
    _load_weights(networks, weights, path)
    networks.eval()
    return config, predictor


def _restored_codec(config: Config, stored: Config, trust: tuple[str, ...]) -> Any:
    """The codec, once it is sure that nothing of the config runs a stranger's code."""
    ours = stored[checkpoint.KEY]["codec"]
    target = f"attnlab.data.{ours['class']}"
    checkpoint.check_targets({**{k: config[k] for k in ("model", "task")}, "codec": {"_target_": target}}, trust=trust)
    # Not through Hydra: a vocabulary may hold what looks like an interpolation.
    return hydra.utils.get_class(target)(**ours["state"])


def _load_weights(network: nn.Module, weights: Config, path: Path) -> None:
    try:
        network.load_state_dict(weights)
    except (KeyError, RuntimeError) as error:
        raise UserError(f"the weights in this checkpoint don't fit its own config, got {path}") from error


def predictor_type(target: str) -> type[Any]:
    """What belongs to a task: of ours it is known without importing them, one of the user's own is asked."""
    from attnlab.tasks import PREDICTORS

    package, _, name = target.rpartition(".")
    if package == "attnlab.tasks" and name in PREDICTORS:
        return PREDICTORS[name]
    kind: type[Any] = resolve(target, "task").predictor_type
    return kind


def codec_state(codec: Any) -> Config:
    """How a checkpoint stores a codec: its class and its plain values."""
    return {"class": type(codec).__name__, "state": codec.state()}


def plain(config: DictConfig) -> Config:
    """A resolved config as plain dictionaries."""
    container = OmegaConf.to_container(config, resolve=True)
    assert isinstance(container, dict)
    return typing.cast(Config, container)
