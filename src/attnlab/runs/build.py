"""From a resolved configuration to objects: data, model, task, trainer; and back from a checkpoint."""

import inspect
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import hydra.utils
import torch
from omegaconf import DictConfig, OmegaConf
from torch import nn

from attnlab.attention.unregistered import check_trained
from attnlab.errors import UserError, one_line
from attnlab.reading.kinds import check_kinds
from attnlab.runs import allowed, checkpoint, paired_weights
from attnlab.runs.foreign_weights import warn_if_foreign
from attnlab.runs.instantiation import call, check_factory, check_target, instantiate, refusal, resolve
from attnlab.runs.mechanisms import check_mechanisms, fitting_named
from attnlab.runs.signatures import check_arguments, check_takes
from attnlab.runs.stored_shapes import check_shapes, weights_of

if TYPE_CHECKING:
    from attnlab.models.predictors import Predictor
    from attnlab.runs.trainer import TrainerSettings

Config = dict[str, Any]
SAID = 200  # letters of what is wrong
LEARNING = ("optimizer", "scheduler")  # what a task that trains no more does without


def build_data(config: Config) -> Any:
    """The data module (`attnlab.data.module`), nothing read yet."""
    return instantiate(config["data"], "data")


def build_task(config: Config, sizes: dict[str, int], codec: Any) -> Any:
    """The task (`attnlab.tasks.task`) with its model; on the default device, so `torch.device("meta")` costs nothing.

    Raises:
        UserError: model, data and task don't fit together, or a constructor refuses.
    """
    return _task_around(_build_model(config, sizes), config, codec)


def begin_task(config: Config, sizes: dict[str, int], codec: Any) -> Any:
    """The same as a run begins with it: the initial weights are those that all models share under this seed."""
    model = paired_weights.build(lambda: _build_model(config, sizes), seed=config["seed"])
    return _task_around(model, config, codec)


def _task_around(model: Any, config: Config, codec: Any) -> Any:
    task = _task_factory(config)
    if lacking := lacking_members(model, task.func.model_members):
        raise UserError(
            f"this model doesn't fit this task: {type(model).__name__} has no {lacking}, which {task.func.__name__} "
            "needs (set model=... or task=...)"
        )
    return call(task, "task", model=model, codec=codec)


def _task_factory(config: Config) -> Any:
    """Makes the task of a model and a codec."""
    from attnlab.tasks.task import Task  # Lightning's, which predicting does without

    factory = _partial(config, "task")
    if not (inspect.isclass(factory.func) and issubclass(factory.func, Task)):
        raise UserError(f"a task must be an attnlab.tasks.task.Task, got {config['task']['_target_']} (set task=...)")
    return factory


def _partial(config: Config, key: str) -> Any:
    """What a group's node makes once it is given the rest."""
    check_factory(config[key], key)
    return instantiate(config[key], key)


def _build_model(config: Config, sizes: dict[str, int]) -> Any:
    check_mechanisms(config["model"])
    factory = _partial(config, "model")
    check_takes(factory.func, config["model"]["_target_"], list(sizes), config["data"]["_target_"])
    return call(factory, "model", **sizes)


def build_settings(config: Config) -> "TrainerSettings":
    """What the config says of the Trainer.

    Raises:
        UserError: it can't be so, or not on this machine.
    """
    from attnlab.runs.trainer import TrainerSettings

    # `_partial_`, because runs are recorded so.
    settings = call(_partial(config, "trainer"), "trainer")
    if not isinstance(settings, TrainerSettings):
        raise UserError(
            f"a trainer must be an attnlab.runs.trainer.TrainerSettings, got {config['trainer']['_target_']} "
            "(set trainer=...)"
        )
    return settings


def rehearse(config: Config) -> None:
    """Run every constructor on the meta device, so that a mistake is found before any data is prepared."""
    from attnlab.runs.parts import build_parts
    from attnlab.runs.room import check_room
    from attnlab.runs.trainer import build_trainer
    from attnlab.tasks.abilities import ChoosesTrainers, ReadsFiles

    check_target(config["task"], "task")
    for key in LEARNING:
        if key in config["task"]:
            check_factory(config["task"][key], key)
    data = _data_that_fits(config, _task_factory(config))
    settings = build_settings(config)
    with torch.device("meta"), fitting_named():
        task = build_task(config, data.example_sizes, None)
        for network in task.networks.values():
            call(check_trained, "model", module=network)
        check_room(task, config, settings)
        _rehearse_learning(task, settings)
    loggers, callbacks = [list(build_parts(config, group, task).values()) for group in ("logger", "callbacks")]
    directory = Path(config["output_dir"])
    given = {"settings": settings, "directory": directory}
    trainer = call(build_trainer, "trainer", callbacks=callbacks, loggers=loggers, **given)
    if isinstance(task, ReadsFiles):
        call(task.read_files, "task")
    if isinstance(task, ChoosesTrainers):
        call(task.check_trainer, "trainer", trainer=trainer)


def _rehearse_learning(task: Any, settings: "TrainerSettings") -> None:
    """One optimizer and its schedule, as far as they can be made before it is known how long a pass is."""
    from attnlab.runs.optimizers import check_first_step, check_first_steps, check_gradients, check_optimizer
    from attnlab.runs.precision import is_cpu
    from attnlab.tasks.training.schedules import check_length, scheduled
    from attnlab.tasks.training.weight_decay import optimized

    own_steps = not task.automatic_optimization
    trained = next(iter(task.networks.values())) if own_steps else task
    optimizer = call(task.optimizer, "optimizer", params=optimized(trained, task.optimizer))
    check_optimizer(optimizer, settings, own_steps=own_steps)
    check_gradients(optimizer, task)
    check_first_step(task.optimizer, trained, on_cpu=is_cpu(settings.accelerator))
    given = {"optimizer": optimizer, "total_steps": settings.max_steps, "mode": task.mode}
    try:
        schedule = scheduled(task.scheduler, **given)
    except Exception as error:
        raise refusal(error, "scheduler", task.scheduler.func) from error
    if settings.max_epochs is None:
        call(check_length, "scheduler", schedule=schedule, num_updates=settings.max_steps)
    check_first_steps(task.optimizer, task.scheduler, total_steps=settings.max_steps, mode=task.mode)


def checked_data(config: Config) -> Any:
    """The data module, nothing read yet. Raises UserError, too, where it isn't one for the config's task."""
    return _data_that_fits(config, _task_factory(config))


def _data_that_fits(config: Config, task: Any) -> Any:
    """The data module. That it isn't one for this task comes before what it says of the values that the task sets."""
    check_target(config["data"], "data")
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


def restore(path: Path, *, trust: tuple[str, ...] = (), overrides: Config | None = None) -> tuple[Config, Any]:
    """The run's config and its trained task, from a checkpoint alone; `overrides` takes the config's place.

    Raises:
        UserError: the checkpoint is damaged, or names something outside the allow-list.
    """
    stored = checkpoint.load(path)
    own = checkpoint.config_of(stored, path)
    warn_if_foreign(path, own)
    config = without_learning(overrides or own)
    codec = _restored_codec(config, stored, path, trust)
    make = partial(build_task, config, stored[checkpoint.KEY]["sizes"], codec)
    check_shapes(make, stored["state_dict"], path)
    task = make()
    _load_weights(task, stored["state_dict"], path)
    return config, task.eval()


def restore_predictor(path: Path, *, trust: tuple[str, ...] = ()) -> tuple[Config, "Predictor"]:
    """The run's config and its trained model as what answers with it: nothing of training is built or imported.

    Raises:
        UserError: as in `restore`; a task of the user's own has no predictor.
    """
    stored = checkpoint.load(path)
    own = checkpoint.config_of(stored, path)
    warn_if_foreign(path, own)
    config = without_learning(own)
    codec = _restored_codec(config, stored, path, trust)
    kind = predictor_type(config["task"]["_target_"])
    taken = {name: value for name, value in config["task"].items() if name in inspect.signature(kind).parameters}
    check_arguments(kind, taken, "task")

    def make() -> tuple["Predictor", nn.ModuleDict]:
        model = _build_model(config, stored[checkpoint.KEY]["sizes"])
        settings = instantiate(taken, "task", _convert_="all")
        predictor: Predictor = call(kind, "task", model=model, codec=codec, **settings)
        return predictor, nn.ModuleDict(predictor.modules)

    check_shapes(lambda: make()[1], stored["state_dict"], path)
    predictor, networks = make()
    _load_weights(networks, weights_of(networks, stored["state_dict"]), path)
    networks.eval()
    return config, predictor


def without_learning(config: Config) -> Config:
    """A config whose task is used and trained no more: the optimizer that it had is neither made nor asked for."""
    return config | {"task": config["task"] | {key: None for key in LEARNING if key in config["task"]}}


def _restored_codec(config: Config, stored: Config, path: Path, trust: tuple[str, ...]) -> Any:
    """The codec, once it is sure that nothing of the config runs a stranger's code."""
    ours = stored[checkpoint.KEY]["codec"]
    target = f"attnlab.data.{ours['class']}"
    allowed.check_targets({**{k: config[k] for k in ("model", "task")}, "codec": {"_target_": target}}, trust=trust)
    # Not through Hydra: a vocabulary may hold what looks like an interpolation.
    try:
        kind = hydra.utils.get_class(target)
        check_kinds(kind, ours["state"])
        codec = kind(**ours["state"])
        sizes = stored[checkpoint.KEY]["sizes"]
        if other := [name for name, size in codec.sizes.items() if sizes.get(name, size) != size]:
            raise ValueError(f"{other[0]} is {codec.sizes[other[0]]} of it and {sizes[other[0]]} of the model")
    except Exception as error:  # of values that no run has written
        said = one_line(error)[:SAID]
        raise UserError(
            f"this checkpoint is damaged, got {path} whose {ours['class']} can't be made: {said}"
        ) from error
    return codec


def _load_weights(network: nn.Module, weights: Mapping[str, Any], path: Path) -> None:
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
    return cast(Config, container)
