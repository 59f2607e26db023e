"""What every task is: the contract, over all of them."""

import re
from typing import Any

import pytest
from tiny_tasks import TASKS, build_tiny, codec_of, config_of
from torch import Tensor, tensor

from attnlab import tasks
from attnlab.errors import UserError
from attnlab.models.predictors import ImageGenerator, ImagePredictor, Prediction, TextPredictor
from attnlab.runs import build
from attnlab.tasks.task import Task

# What a task adds to a checkpoint, which those of earlier versions have, too.
STORED = {
    "translation": {"train_loss"},
    "summarization": {"train_loss", "train_overlap"},
    "ner": {"train_loss"},
    "language_modelling": {"train_loss", "train_accuracy"},
    "image_classification": {"train_loss", "train_accuracy"},
    "object_detection": {"train_loss", "train_parts"},
    "image_generation": {"game"},
}
KIND = {
    **dict.fromkeys(("translation", "summarization", "ner", "language_modelling"), TextPredictor),
    **dict.fromkeys(("image_classification", "object_detection"), ImagePredictor),
    "image_generation": ImageGenerator,
}


@pytest.fixture(scope="module", params=TASKS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def task(name: str) -> Any:
    return build_tiny(name)


def test_the_tasks_face_knows_of_each_what_it_says_itself() -> None:
    named = [each for each in tasks.__all__ if each.endswith("Task")]
    assert sorted(named) == sorted(tasks.PREDICTORS)
    for each in named:
        kind = getattr(tasks, each)
        assert issubclass(kind, Task)
        assert kind.predictor_type is tasks.PREDICTORS[each]
    with pytest.raises(AttributeError, match="has no attribute 'NoTask'"):
        _ = tasks.NoTask


def test_a_task_holds_its_predictor_and_its_predictor_the_tasks_model(name: str, task: Any) -> None:
    assert isinstance(task, Task)
    assert type(task.predictor) is task.predictor_type
    assert [kind for kind in set(KIND.values()) if isinstance(task.predictor, kind)] == [KIND[name]]
    assert task.predictor.model is task.model
    assert task.predictor.codec is task.codec
    assert task.unit in ("tokens", "images")
    assert {key.split(".")[0] for key in task.state_dict()} == set(task.predictor.modules)
    for key, network in task.predictor.modules.items():
        assert task.get_submodule(key) is network


def test_what_is_trained_are_the_networks_and_nothing_else(task: Any) -> None:
    learned = {id(p) for network in task.networks.values() for p in network.parameters() if p.requires_grad}
    assert learned == {id(p) for p in task.parameters() if p.requires_grad}
    assert task.batches_per_update is None or not task.automatic_optimization


def test_sums_in_the_making_survive_a_checkpoint(name: str, task: Any) -> None:
    for sums in task.resumed.values():
        state = sums.state()
        filled = {key: [[3.0, 5.0]] for key in state or ["part"]} if isinstance(state, dict) else [[3.0, 5.0]]
        sums.restore(filled)
    stored: dict[str, Any] = {}
    task.on_save_checkpoint(stored)
    assert set(stored) == STORED[name]
    again = build_tiny(name)
    again.on_load_checkpoint(stored)
    found: dict[str, Any] = {}
    again.on_save_checkpoint(found)
    assert found == stored


def test_each_metric_has_the_mode_that_keeps_its_best_value(name: str) -> None:
    with pytest.raises(UserError, match="monitor must be one of") as refused:
        build_tiny(name, config_of(name, "task.monitor=val/nosuch"))
    listed = re.search(r"one of (.*), got", str(refused.value))
    assert listed
    for metric in listed[1].split(", "):
        small = any(
            word in metric for word in ("loss", "perplexity", "bits_per_byte", "calibration_error", "fid_", "kid_")
        )
        right, wrong = ("min", "max") if small else ("max", "min")
        build_tiny(name, config_of(name, f"task.monitor={metric}", f"task.mode={right}"))
        with pytest.raises(UserError, match=f"mode must be {right} for {metric}, got '{wrong}' \\(set task.mode"):
            build_tiny(name, config_of(name, f"task.monitor={metric}", f"task.mode={wrong}"))


def test_an_evaluation_ends_with_the_loss_and_each_prediction_once_in_order(
    task: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prediction(number: int) -> Prediction:
        return {"id": number, "input": "", "output": "", "target": None, "score": 0.0, "details": {}}

    monkeypatch.setattr(type(task), "taken", lambda self, mean: mean.take())
    for split in ("val", "test"):
        task.losses[split].add(tensor(6.0), tensor(4.0))
        task.predicted[split] = [prediction(number) for number in (5, 2, 7, 2)]
        scores = task.concluded(split)
        assert list(scores) == ["loss"]
        assert isinstance(scores["loss"], Tensor)
        assert float(scores["loss"]) == 1.5
        assert [each["id"] for each in task.predicted[split]] == [2, 5, 7]
    assert task.val_predictions is task.predicted["val"]
    assert task.predictions is task.predicted["test"]


class NoTask:
    """Something else that may be named."""


def test_what_is_no_task_is_refused_in_one_line() -> None:
    config = config_of("ner")
    config["task"] = {"_target_": f"{__name__}.NoTask", "_partial_": True}
    with pytest.raises(UserError, match=r"a task must be an attnlab.tasks.task.Task, got .*NoTask \(set task"):
        build.build_task(config, codec_of("ner").sizes, None)
