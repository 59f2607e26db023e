"""What was predicted for what is drawn where a task knows it, and never ends a run."""

import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from attnlab.callbacks import ConfusionPicture
from attnlab.reporting.pictures import Confusion

COUNTS = [[90, 7, 3], [0, 0, 0], [1, 1, 2]]
LABELS = ["O", "$人名_", "LOC"]


def _trainer(sent: list[Any]) -> Any:
    logger = SimpleNamespace(log_image=lambda key, path, step: sent.append((key, path, step)))
    return SimpleNamespace(loggers=[logger, object()], global_step=7)


def test_the_picture_is_written_and_sent_where_the_task_has_classes(tmp_path: Path) -> None:
    sent: list[Any] = []
    task: Any = SimpleNamespace(confusion=lambda: Confusion("words", LABELS, COUNTS), model=None)
    ConfusionPicture(tmp_path).on_test_end(_trainer(sent), task)
    assert (tmp_path / "confusion.png").read_bytes().startswith(b"\x89PNG")
    assert sent == [("confusion", tmp_path / "confusion.png", 7)]
    other: Any = SimpleNamespace()
    ConfusionPicture(tmp_path / "other").on_test_end(_trainer(sent), other)
    assert not (tmp_path / "other").exists()
    assert len(sent) == 1


def test_a_picture_that_fails_is_only_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    task: Any = SimpleNamespace(confusion=lambda: Confusion("words", ["a"], COUNTS), model=None)
    with caplog.at_level(logging.WARNING):
        ConfusionPicture(tmp_path).on_test_end(_trainer([]), task)
    assert "no confusion picture: counts must be" in caplog.text
