"""The loggers and callbacks of a run, as its configuration has them."""

import inspect
import re
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback
from lightning.pytorch.callbacks import EarlyStopping, GradientAccumulationScheduler, StochasticWeightAveraging
from lightning.pytorch.loggers import Logger

from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.runs.allowed import may_be_own
from attnlab.runs.instantiation import check_target, instantiate, resolve
from attnlab.runs.signatures import parameters_of
from attnlab.tasks.task import not_measured

Config = dict[str, Any]

# What goes by epochs, of which a run here has one.
REFUSED: dict[type[Callback], str] = {
    GradientAccumulationScheduler: "set trainer.accumulate_grad_batches, and drop {key}",
    StochasticWeightAveraging: "set {key} to lightning.pytorch.callbacks.WeightAveraging with its own values",
}


def build_parts(config: Config, group: str, task: Any) -> dict[str, Any]:
    """The loggers or callbacks of a run whose `task` is built, by their keys."""
    keyed = {f"{group}.{name}": node for name, node in config[group].items()}
    return {key: build_part(node, key, config, task) for key, node in keyed.items()}


def build_part(node: Config, key: str, config: Config, task: Any = None) -> Any:
    """A logger or callback; what asks for it is given the run's folder, name and group where `node` says nothing.

    A group is of the runs that differ in the seed alone.

    Raises:
        UserError: it is neither, or its constructor refuses.
    """
    check_target(node, key)
    target, directory = resolve(node["_target_"], key), Path(config["output_dir"])
    offered = {"directory": directory, "output_dir": directory, "name": config["name"], "group": _group(config)}
    taken = parameters_of(target)
    given = {name: value for name, value in offered.items() if name in taken and name not in node}
    if "group" in taken and node.get("group") is None:
        given["group"] = offered["group"]
    if task is not None and "monitor" in taken:
        _check_watched(node, key, config, task)
        given |= _watched(target, node, key, task) if "mode" in taken else {}
    part = instantiate(node, key, **given)
    kind: type[Any] = Callback if key.startswith("callbacks.") else Logger
    if not isinstance(part, kind):
        raise UserError(
            f"{key} must be one of Lightning's {kind.__name__}s (lightning.pytorch), got {type(part).__name__} "
            f"(set {key}._target_, or {key}=null)"
        )
    for refused, remedy in REFUSED.items():
        if isinstance(part, refused):
            raise UserError(
                f"a run is one epoch here, and {refused.__name__} goes by epochs, got {key} ({remedy.format(key=key)})"
            )
    return part


def _group(config: Config) -> str:
    """The run's name, and what its configuration is but for the seed."""

    def without_seed(node: Any) -> Any:
        if isinstance(node, dict):
            kept = {key: without_seed(value) for key, value in node.items()}
            return kept | {"seed": 0} if kept.get("seed") == config["seed"] else kept
        return [without_seed(each) for each in node] if isinstance(node, list) else node

    return f"{config['name']}-{identity.run_hash(without_seed(config))[:6]}"


def _check_watched(node: Config, key: str, config: Config, task: Any) -> None:
    """UserError for a metric that nothing will measure: Lightning says so at the first validation, or never.

    What a task or a callback of the user's own logs beside the task's metrics isn't known before: beside one only a
    metric's name that is spelt otherwise, such as val_loss, is refused.
    """
    monitor = node.get("monitor")
    if not isinstance(monitor, str) or monitor in task.measured or monitor.startswith("train/"):
        return
    message = f"{not_measured(monitor, task.measured)} (set {key}.monitor)"
    loggers = [each for each in (config["task"], *config["callbacks"].values(), node) if isinstance(each, dict)]
    logs_more = any(may_be_own(str(each.get("_target_")).partition(".")[0]) for each in loggers)
    if not logs_more or any(_words(each) in (_words(monitor), f"val{_words(monitor)}") for each in task.measured):
        raise UserError(message)


def _words(metric: str) -> str:
    return re.sub(r"[^a-z0-9]", "", metric.lower())


def _watched(target: Any, node: Config, key: str, task: Any) -> Config:
    """What a callback isn't told of the metric that it watches: which of its values is the better, and, of one that
    stops early, which it is: the one by which the best checkpoint is chosen."""
    monitor = node.get("monitor")
    if monitor is None and inspect.isclass(target) and issubclass(target, EarlyStopping):
        monitor = task.monitor
    better = task.measured.get(monitor)
    if better is None:
        return {}
    if node.get("mode") in {"min", "max"} - {better}:
        raise UserError(f"mode must be {better} for {monitor}, got {node['mode']!r} (set {key}.mode)")
    return {"monitor": monitor} | ({"mode": better} if node.get("mode") is None else {})
