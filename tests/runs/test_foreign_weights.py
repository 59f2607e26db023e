"""A checkpoint of another run in a run's folder is told, and what may differ between a run and its own isn't."""

import json
from pathlib import Path
from typing import Any

import pytest

from attnlab.errors import UserError
from attnlab.reporting.messages.chinese import said_in_chinese
from attnlab.runs.foreign_weights import check_same_model, warn_if_foreign

CONFIG: dict[str, Any] = {
    "seed": 0,
    "name": "a",
    "output_dir": "outputs/ner/a/3fa",
    "continue_from": None,
    "init_strict": False,
    "model": {"dim": 5, "attention": {"core": {"_target_": "attnlab.attention.AdditiveAttention"}}},
    "data": {"root": None, "cache_dir": None, "seed": 0},
    "trainer": {"max_steps": 3, "devices": 1, "threads": None},
    "callbacks": {"samples": {"num_samples": 8}},
    "logger": {},
    "scheduler": {"T_max": 3},
}


def _with(key: str, value: Any) -> dict[str, Any]:
    config = json.loads(json.dumps(CONFIG))
    *groups, name = key.split(".")
    node = config
    for group in groups:
        node = node[group]
    node[name] = value
    return dict(config)


def _said(recorded: dict[str, Any], stored: dict[str, Any], caplog: pytest.LogCaptureFixture) -> list[str]:
    folder = Path("run")
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(recorded | {"results": 3}))
    warn_if_foreign(folder / "checkpoints" / "best.ckpt", stored)
    return [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize(
    "key, value, said",
    [
        ("seed", 7, "seed=7 (config.json: 0)"),
        ("model.dim", 7, "model.dim=7 (config.json: 5)"),
        ("model.attention.core._target_", "attnlab.attention.DotAttention", "attention.DotAttention (config.json: "),
        ("scheduler.T_max", 5, "scheduler.T_max=5"),
    ],
)
def test_a_checkpoint_of_another_run_is_told_by_what_differs(
    key: str, value: Any, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    [message] = _said(CONFIG, _with(key, value), caplog)
    assert said in message
    assert "fresh=true" in message
    assert said_in_chinese(message) is not None


@pytest.mark.parametrize(
    "key, value",
    [
        ("output_dir", "elsewhere/3fa"),
        ("name", "b"),
        ("data.root", "/elsewhere"),
        ("data.cache_dir", "/elsewhere"),
        ("trainer.max_steps", 11),
        ("trainer.devices", 2),
        ("callbacks.samples.num_samples", 3),
        ("continue_from", "outputs/ner/a/44c"),
        ("logger", {"csv": {}}),
    ],
)
def test_what_a_run_and_its_own_checkpoint_may_differ_in_is_passed_over(
    key: str, value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert _said(_with(key, value), CONFIG, caplog) == []


def test_a_longer_run_may_have_the_best_of_the_shorter_one(caplog: pytest.LogCaptureFixture) -> None:
    longer = _with("scheduler.T_max", 11) | {"continue_from": "outputs/ner/a/44c"}
    assert _said(longer, CONFIG, caplog) == []


def test_a_checkpoint_by_itself_and_one_beside_a_damaged_record_are_passed_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    warn_if_foreign(Path("best.ckpt"), CONFIG)
    Path("run/checkpoints").mkdir(parents=True)
    Path("run/config.json").write_text("{")
    warn_if_foreign(Path("run/checkpoints/best.ckpt"), CONFIG)
    assert caplog.records == []


def test_a_run_goes_on_with_the_model_that_it_began_with() -> None:
    """A key that only one of them has is of another version."""
    path = Path("run/checkpoints/last.ckpt")
    stored = {"model": {"_target_": "a.B", "dim": 32, "heads": {"num": 2}}}
    check_same_model(path, stored, {"model": {"_target_": "a.B", "dim": 32, "heads": {"num": 2}, "newer": 1}, "x": 1})
    edited = {"model": {"_target_": "a.B", "dim": 64, "heads": {"num": 1}}}
    with pytest.raises(UserError) as caught:
        check_same_model(path, stored, edited)
    assert f"got {path} of model.dim=32 (config.json: 64), model.heads.num=2 (config.json: 1) (put" in str(caught.value)
