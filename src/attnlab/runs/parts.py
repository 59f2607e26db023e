"""The loggers and callbacks of a run, as its configuration has them."""

import inspect
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback
from lightning.pytorch.callbacks import EarlyStopping, GradientAccumulationScheduler, StochasticWeightAveraging
from lightning.pytorch.loggers import Logger

from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.runs.instantiation import check_target, instantiate, resolve
from attnlab.runs.signatures import parameters_of

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
    if task is not None and {"monitor", "mode"} <= taken:
        given |= _watched(target, node, key, task)
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
