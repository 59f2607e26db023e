"""A picture that fails is left out; the others and the run go on."""

import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from attnlab.callbacks import AttentionMaps
from attnlab.reporting.pictures import AttentionPicture


def _picture(name: str, weights: torch.Tensor) -> AttentionPicture:
    return AttentionPicture(name=name, title="t", weights=weights, query_labels=["a", "b"], key_labels=["猫", "d", "e"])


def _trainer(sent: list[Any]) -> Any:
    logger = SimpleNamespace(log_image=lambda key, path, step: sent.append((key, path, step)))
    return SimpleNamespace(loggers=[logger, object()], global_step=7, datamodule=None)


def test_pictures_are_drawn_and_sent_and_a_bad_one_is_only_reported(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pictures = [_picture("0_bad", torch.rand(1, 5, 5)), _picture("1_good", torch.rand(2, 2, 3))]
    task = SimpleNamespace(attention_pictures=lambda num, data: pictures[:num], model=None)
    sent: list[Any] = []
    with caplog.at_level(logging.WARNING):
        AttentionMaps(tmp_path, num_examples=2).on_test_end(_trainer(sent), task)  # type: ignore[arg-type]  # a stand-in
    good = tmp_path / "maps" / "test_1_good.png"
    assert good.read_bytes().startswith(b"\x89PNG")
    assert sent == [("maps/1_good", good, 7)]
    assert "no picture test_0_bad.png" in caplog.text


def test_a_task_that_cannot_make_pictures_is_only_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def fail(num: int, data: Any) -> Any:
        raise RuntimeError("out of memory")

    with caplog.at_level(logging.WARNING):
        task: Any = SimpleNamespace(attention_pictures=fail)
        AttentionMaps(tmp_path, num_examples=2).on_test_end(_trainer([]), task)
    assert "no attention maps: out of memory" in caplog.text
