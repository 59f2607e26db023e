"""What is built of a configuration fits together, or is told so, and costs nothing on the meta device."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch.loggers import Logger
from torch import nn

from attnlab.config.compose import compose_run
from attnlab.errors import UserError
from attnlab.runs import build


def _config(*overrides: str) -> dict[str, Any]:
    return build.plain(compose_run(["output_dir=run", *overrides]))


@pytest.mark.parametrize("task", ["translation", "ner", "image_classification", "object_detection"])
def test_a_rehearsal_reads_and_writes_nothing(task: str) -> None:
    build.rehearse(_config(f"task={task}"))
    assert not list(Path().iterdir())


def test_a_task_on_the_meta_device_has_shapes_and_no_numbers() -> None:
    config = _config("model.dim=12")
    with torch.device("meta"):
        task = build.build_task(config, build.build_data(config).example_sizes, None)
    assert {parameter.device.type for parameter in task.parameters()} == {"meta"}
    assert task.model.__class__.__name__ == config["model"]["_target_"].rpartition(".")[2]


@pytest.mark.parametrize(
    "part, target, message",
    [
        (
            "trainer",
            "attnlab.data.BibleEnEs",
            r"^a trainer must be an attnlab.runs.trainer.TrainerSettings, got attnlab",
        ),
        (
            "task",
            "torch.optim.SGD",
            r"^a task must be an attnlab.tasks.task.Task, got torch.optim.SGD \(set task=...\)$",
        ),
    ],
)
def test_what_stands_in_the_wrong_place_is_refused(part: str, target: str, message: str) -> None:
    config = _config()
    config[part] = {"_target_": target, "_partial_": True}
    with pytest.raises(UserError, match=message):
        build.rehearse(config)


class Part:
    """Keeps what it is given, and has a value that nobody may ask for yet."""

    def __init__(self, source: str) -> None:
        self.source = source

    @property
    def codec(self) -> Any:
        raise AssertionError("asked for")


def test_members_are_looked_for_without_being_asked() -> None:
    assert build.lacking_members(Part("x"), ["source", "codec", "target", "sizes"]) == "target, sizes"
    assert build.lacking_members(nn.Module(), ["forward", "train"]) == "forward"
    assert build.lacking_members(nn.Linear(1, 1), ["forward"]) == ""


PARTS = [
    ("callbacks.x", {"num_samples": 3}, "callbacks.x must have a _target_, the class to make, got none"),
    ("callbacks.x", "samples", "callbacks.x must have a _target_, the class to make, got samples"),
    (
        "callbacks.x",
        {"_target_": "torch.nn.ReLU"},
        "callbacks.x must be one of Lightning's Callbacks (lightning.pytorch), got ReLU (set callbacks.x._target_, or "
        "callbacks.x=null)",
    ),
    ("logger.x", {"_target_": "attnlab.callbacks.Throughput"}, "logger.x must be one of Lightning's Loggers"),
    (
        "callbacks.x",
        {"_target_": "lightning.pytorch.callbacks.EarlyStopping", "monitor": "val/bleu", "mode": "min"},
        "mode must be max for val/bleu, got 'min' (set callbacks.x.mode)",
    ),
]


@pytest.mark.parametrize("key, node, message", PARTS)
def test_what_is_no_part_of_a_run_is_refused(key: str, node: Any, message: str) -> None:
    config = _config("callbacks=none", "logger=none")
    config[key.split(".")[0]]["x"] = node
    with pytest.raises(UserError, match=f"^{re.escape(message)}"):
        build.rehearse(config)


@pytest.mark.parametrize(
    "override, message",
    [
        ("+optimizer.foo=1", "AdamW.__init__() got an unexpected keyword argument 'foo' (drop optimizer.foo)"),
        ("++optimizer._partial_=false", "optimizer is made once the rest is known, so it must have _partial_: true, "),
        (
            "~optimizer._target_",
            "optimizer must have a _target_, the class to make, got none (set ++optimizer._target_",
        ),
        ("task.scheduler=null", "scheduler must have a _target_, the class to make, got null"),
        ("optimizer.lr=null", "optimizer can't be made: TypeError: '<=' not supported between "),
        ("scheduler._target_=torch.nn.Linear", "Linear.__init__() got an unexpected keyword argument 'warmup_steps' "),
        ("+scheduler.foo=1", "scheduler takes no 'foo'; it takes optimizer, total_steps, "),
        (
            "~model.attention",
            "AttentionSeq2Seq.__init__() missing 1 required keyword-only argument: 'attention' (set +",
        ),
        ("~model._partial_", "model is made once the rest is known, so it must have _partial_: true, got None"),
        ("~data._target_", "data must have a _target_, the class to make, got none (set ++data._target_=...)"),
    ],
)
def test_what_cannot_be_made_is_one_line_with_its_key(override: str, message: str) -> None:
    with pytest.raises(UserError, match=f"^{re.escape(message)}"):
        build.rehearse(_config(override))


class Named(Logger):
    """Takes what a run offers."""

    version = ""

    def __init__(self, *, name: str, group: str, directory: Path) -> None:
        super().__init__()
        self.given = (name, group, directory)

    @property
    def name(self) -> str:
        return self.given[0]

    def log_metrics(self, *args: Any, **kwargs: Any) -> None:
        """Nothing."""

    def log_hyperparams(self, *args: Any, **kwargs: Any) -> None:
        """Nothing."""


def test_what_a_parts_own_config_says_is_kept() -> None:
    config = _config("name=ours")
    node: dict[str, Any] = {"_target_": f"{__name__}.Named"}
    assert build.build_part(node, "logger.x", config).given == ("ours", "translation", Path("run"))
    said = {"name": "mine", "group": "g", "directory": "there"}
    assert build.build_part(node | said, "logger.x", config).given == ("mine", "g", "there")


def test_what_stops_early_watches_what_chooses_the_best_checkpoint() -> None:
    config = _config("task=ner", "callbacks=early_stopping")
    with torch.device("meta"):
        task = build.build_task(config, build.build_data(config).example_sizes, None)

    def made(**said: Any) -> Any:
        node = config["callbacks"]["early_stopping"] | said
        return build.build_part(node, "callbacks.early_stopping", config, task)

    for stopping, watched in [
        (made(), ("val/f1", "max")),
        (made(monitor="val/loss"), ("val/loss", "min")),
        (made(monitor="val/recall", mode="max"), ("val/recall", "max")),
        (made(monitor="val/own", mode="max"), ("val/own", "max")),
    ]:
        assert (stopping.monitor, stopping.mode) == watched


def test_a_part_is_given_what_it_asks_for_of_the_run() -> None:
    config = _config("seed=3")
    node = {"_target_": "attnlab.callbacks.MetricsCSV"}
    assert build.build_part(node, "logger.csv", config) is not None
    with pytest.raises(UserError, match=r"^nothing can be imported as 'no.such' \(set callbacks.x._target_\)$"):
        build.build_part({"_target_": "no.such"}, "callbacks.x", config)
