"""Weights that a run starts from: what fits is taken, what doesn't is named, and none of it silently."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from attnlab.errors import UserError
from attnlab.runs import checkpoint
from attnlab.runs.warm_start import start_from_file, warm_start
from attnlab.tasks.task import Task

CODEC = {"class": "ImageCodec", "state": {"classes": ["cat", "dog"]}}


class _Task(nn.Module):
    """What of a task holds weights."""

    def __init__(self, num_classes: int = 3) -> None:
        super().__init__()
        self.model = nn.ModuleDict({"body": nn.Linear(2, 5), "head": nn.Linear(5, num_classes)})
        self.register_buffer("class_weights", torch.ones(num_classes))


def _weights(task: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in task.state_dict().items()}


def _saved(path: Path, task: nn.Module) -> Path:
    contents = checkpoint.contents({}, {}, CODEC, "0")
    torch.save({checkpoint.KEY: contents, "state_dict": task.state_dict()}, path)
    return path


def _start(task: Any, path: Path, *, strict: bool = False, codec: dict[str, Any] = CODEC) -> dict[str, Any]:
    found: Task[Any] = task
    return warm_start(found, str(path), strict=strict, codec=codec)


def test_all_are_taken_where_all_fit(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    other, task = _Task(), _Task()
    with torch.no_grad():
        other.class_weights.fill_(7)  # type: ignore[operator,union-attr]
    found = _start(task, _saved(tmp_path / "best.ckpt", other), strict=True)
    assert (found["taken"], found["anew"], caplog.messages) == (4, [], [])
    own, theirs = _weights(task), _weights(other)
    assert all(torch.equal(own[name], theirs[name]) for name in own if name != "class_weights")
    assert torch.equal(own["class_weights"], torch.ones(3))  # of this run's data


@pytest.mark.parametrize("kind", ["checkpoint", "task", "model", "wrapped"])
def test_those_that_fit_are_taken_and_others_are_named(
    tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    other, task = _Task(7), _Task(3)
    path = tmp_path / "weights.pth"
    stored = {
        "task": other.state_dict(),
        "model": other.model.state_dict(),
        "wrapped": {"state_dict": {f"module.{name}": value for name, value in other.model.state_dict().items()}},
    }
    if kind == "checkpoint":
        path = _saved(tmp_path / "best.ckpt", other)
    else:
        torch.save(stored[kind], path)
    before = _weights(task)
    with caplog.at_level(logging.WARNING):
        found = _start(task, path)
    assert found["anew"] == ["model.head.weight", "model.head.bias"]
    assert found["taken"] == 2
    assert len(found["sha256"]) == 64
    assert "2 of 4 weights are of" in caplog.text
    assert "begin anew: model.head.weight, model.head.bias" in caplog.text
    after = _weights(task)
    assert torch.equal(after["model.body.weight"], other.model["body"].weight)
    assert torch.equal(after["model.head.weight"], before["model.head.weight"])
    with pytest.raises(
        UserError, match=r"don't fit this model, got .* \(set init_from\): model.head.weight is \(3, 5\) here"
    ):
        _start(task, path, strict=True)


def test_where_none_fits_it_is_refused(tmp_path: Path) -> None:
    torch.save({"conv": torch.zeros(3)}, tmp_path / "other.pth")
    with pytest.raises(
        UserError, match=r"got .*other.pth \(set init_from\): model.body.weight is \(5, 2\) here and nothing"
    ):
        _start(_Task(), tmp_path / "other.pth")
    with pytest.raises(UserError, match=r"no such run folder or checkpoint, got"):
        _start(_Task(), tmp_path / "gone")


def test_strict_asks_for_both_ways(tmp_path: Path) -> None:
    task = _Task()
    torch.save({**_weights(task), "model.more": torch.zeros(2)}, tmp_path / "more.pth")
    assert _start(task, tmp_path / "more.pth")["anew"] == []
    with pytest.raises(UserError, match=r"model.more is nothing here and \(2,\) there"):
        _start(task, tmp_path / "more.pth", strict=True)


def test_other_classes_of_the_same_number_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    codec = json.loads(json.dumps(CODEC).replace("cat", "emu"))
    with caplog.at_level(logging.WARNING):
        assert _start(_Task(), _saved(tmp_path / "best.ckpt", _Task()), codec=codec)["other_codec"]
    assert "trained with other classes or words than this data's" in caplog.text


def test_a_file_that_a_run_is_named_after_must_be_that_one(tmp_path: Path) -> None:
    class Model:
        weights_file, weights_sha256 = str(tmp_path / "w.pth"), "0" * 64

        def start_from(self, weights: dict[str, Tensor]) -> list[str]:
            return list(weights)

    torch.save({"a": torch.zeros(1)}, tmp_path / "w.pth")
    with pytest.raises(UserError, match=r"has changed since the run was named, got .*w.pth \(restore it\)"):
        start_from_file(Model())


class _Named(nn.Module):
    """A model whose last layer is called as those of classes are."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.model = nn.ModuleDict({"body": nn.Linear(2, 5), "classifier": nn.Linear(5, num_classes)})


def test_rows_of_shared_classes_are_taken_by_name_and_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    other, task = _Named(2), _Named(3)
    codec = {"class": "ImageCodec", "state": {"classes": ["dog", "emu", "yak"]}}
    before, path = _weights(task), _saved(tmp_path / "best.ckpt", other)
    with caplog.at_level(logging.WARNING):
        found = _start(task, path, codec=codec)
    assert found["rows"] == {"model.classifier.weight": [1, 3], "model.classifier.bias": [1, 3]}
    assert (found["taken"], found["anew"]) == (4, [])
    assert "model.classifier.weight (1 of 3 classes)" in caplog.text
    after = _weights(task)["model.classifier.weight"]
    assert torch.equal(after[0], other.model["classifier"].weight[1])
    assert torch.equal(after[1:], before["model.classifier.weight"][1:])
    with pytest.raises(UserError, match=r"^all weights must fit, got .+\(1 of 3 classes\) \(set init_strict=false\)$"):
        _start(task, path, strict=True, codec=codec)
    codec["state"] = {"classes": ["emu", "yak"]}
    assert _start(_Named(2), path, codec=codec)["anew"] == ["model.classifier.weight", "model.classifier.bias"]
