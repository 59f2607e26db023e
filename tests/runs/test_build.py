"""What is built of a configuration fits together, or is told so, and costs nothing on the meta device."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from attnlab.config.compose import compose_run
from attnlab.errors import UserError
from attnlab.feature_attention import SeFeatureAttention
from attnlab.runs import build


def _config(*overrides: str) -> dict[str, Any]:
    return build.plain(compose_run(["output_dir=run", *overrides]))


@pytest.mark.parametrize("task", ["translation", "ner", "image_classification", "object_detection"])
def test_a_rehearsal_reads_and_writes_nothing(task: str) -> None:
    build.rehearse(_config(f"task={task}"))
    assert not list(Path().iterdir())


class Hides(SeFeatureAttention):
    def __init__(self, channels: int, *, max_size: tuple[int, int]) -> None:
        super().__init__(channels, max_size=max_size, reduction=1)
        self.more = [nn.Linear(3, 5)]


def test_what_a_mechanism_hides_from_training_is_refused_in_a_rehearsal() -> None:
    config = _config("task=image_classification", "model=resnet")
    config["model"]["feature_attention"] = {"_target_": f"{__name__}.Hides", "_partial_": True}
    with pytest.raises(UserError, match=r"^more\[0\] of Hides is a module in a plain list: it is never trained"):
        build.rehearse(config)


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


@pytest.mark.parametrize(
    "override, message",
    [
        ("+optimizer.foo=1", "AdamW takes no 'foo' (drop optimizer.foo)"),
        ("++optimizer._partial_=false", "optimizer is made once the rest is known, so it must have _partial_: true, "),
        (
            "~optimizer._target_",
            "optimizer must have a _target_, the class to make, got none (set ++optimizer._target_",
        ),
        ("task.scheduler=null", "scheduler must have a _target_, the class to make, got null"),
        ("optimizer.lr=null", "optimizer.lr must be from 0 to 1000, got null (set optimizer.lr)"),
        ("scheduler._target_=torch.nn.Linear", "Linear takes no 'warmup_steps' "),
        ("+scheduler.foo=1", "scheduler takes no 'foo'; it takes optimizer, total_steps, "),
        (
            "~model.attention",
            "AttentionSeq2Seq needs attention (set +",
        ),
        ("~model._partial_", "model is made once the rest is known, so it must have _partial_: true, got none"),
        ("~data._target_", "data must have a _target_, the class to make, got none (set ++data._target_=...)"),
    ],
)
def test_what_cannot_be_made_is_one_line_with_its_key(override: str, message: str) -> None:
    with pytest.raises(UserError, match=f"^{re.escape(message)}"):
        build.rehearse(_config(override))
