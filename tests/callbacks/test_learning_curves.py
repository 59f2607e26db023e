"""Curves are of what was logged, and never end a run."""

import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from attnlab.callbacks import LearningCurves, MetricsCSV
from attnlab.callbacks.learning_curves import MOST_SCORES, curves_of

ROWS: list[tuple[int, dict[str, float]]] = [
    (50, {"train/loss": 6.0, "train/lr": 0.1, "train/tokens_per_second": 9.0}),
    (100, {"train/loss": 5.0, "val/loss": 5.5, "val/perplexity": 200.0, "val/bleu": 2.0, "val/kid_error": 0.1}),
    (100, {"test/loss": 5.6, "test/bleu": 1.9}),
]


def test_losses_come_first_then_what_is_monitored_and_nothing_that_is_no_score() -> None:
    curves = curves_of(ROWS, monitor="val/bleu")
    assert curves is not None
    assert list(curves.scores) == ["loss", "bleu", "perplexity"]
    assert curves.scores["loss"] == {"train": [(50, 6.0), (100, 5.0)], "val": [(100, 5.5)]}
    many = [(1, {f"val/f1_{number}": 0.5 for number in range(30)} | {"val/f1": 0.4})]
    few = curves_of(many, monitor="val/f1")
    assert few is not None
    assert len(few.scores) == MOST_SCORES
    assert next(iter(few.scores)) == "f1"
    assert curves_of([(1, {"train/lr": 0.1})], monitor="") is None


def _trainer(logger: Any, sent: list[Any]) -> Any:
    pictures = SimpleNamespace(log_image=lambda key, path, step: sent.append((key, path, step)))
    return SimpleNamespace(loggers=[logger, pictures], global_step=7)


def test_the_picture_is_drawn_and_sent_where_there_is_a_log(tmp_path: Path) -> None:
    log, sent = MetricsCSV(tmp_path), []  # type: ignore[var-annotated]  # filled below
    task: Any = SimpleNamespace(monitor="val/bleu", model=None)
    LearningCurves(tmp_path, name="n").on_test_end(_trainer(log, sent), task)
    assert not sent, "nothing was logged"
    for step, values in ROWS:
        log.log_metrics(values, step)
    LearningCurves(tmp_path, name="n").on_test_end(_trainer(log, sent), task)
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert sent == [("curves", tmp_path / "curves.png", 7)]
    LearningCurves(tmp_path / "other", name="n").on_test_end(_trainer(object(), sent), task)
    assert len(sent) == 1


def test_a_picture_that_fails_is_only_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    log = MetricsCSV(tmp_path)
    log.log_metrics({"val/loss": 1.0}, 1)
    (tmp_path / "curves.png").mkdir()
    task: Any = SimpleNamespace(monitor="val/loss", model=None)
    with caplog.at_level(logging.WARNING):
        LearningCurves(tmp_path).on_test_end(_trainer(log, []), task)
    assert "no learning curves: " in caplog.text
