"""Training in lines: the first report, each validation and the end; none where there is a bar."""

import logging
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from attnlab.callbacks import progress_lines
from attnlab.callbacks.progress_lines import ProgressLines

METRICS = {"train/loss": torch.tensor(2.5), "val/bleu": 12.3456}


def _lines(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, *, bar: object, begins: int,
    report_every: int = 2, validated_every: int = 4, metrics: Mapping[str, float | torch.Tensor] = METRICS,
) -> list[str]:  # fmt: skip
    """Of a run of 12 updates with a validation every 4, each update a minute."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(progress_lines.time, "monotonic", lambda: clock.now)
    trainer: Any = SimpleNamespace(
        global_step=begins,
        max_steps=12,
        log_every_n_steps=report_every,
        accumulate_grad_batches=1,
        lightning_module=SimpleNamespace(batches_per_update=None),
        progress_bar_callback=bar,
        progress_bar_metrics=metrics,
        state=SimpleNamespace(fn="fit"),
    )
    module: Any = SimpleNamespace(trainer=trainer)
    lines = ProgressLines()
    caplog.set_level(logging.INFO)
    lines.on_train_start(trainer, module)
    for step in range(begins, 12):
        clock.now += 60
        trainer.global_step = step + 1
        lines.on_train_batch_end(trainer, module, None, None, step)
        if (step + 1) % validated_every == 0:
            lines.on_validation_end(trainer, module)
    lines.on_train_end(trainer, module)
    trainer.state.fn = "validate"
    lines.on_validation_end(trainer, module)  # asked for by itself
    return [record.getMessage() for record in caplog.records]


def test_in_chinese_the_same_is_said(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    said = _lines(monkeypatch, caplog, bar=None, begins=0)
    assert [said[0], *said[-2:]] == [
        "第 2 次更新，共 12 次：训练集损失 2.5，验证集 BLEU 12.35；约剩 10 分钟",
        "第 12 次更新，共 12 次：训练集损失 2.5，验证集 BLEU 12.35",
        "已训练 12 次更新，用时 12 分钟；开始测试",
    ]


def test_where_no_validation_comes_for_minutes_a_line_does_all_the_same(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    said = _lines(monkeypatch, caplog, bar=None, begins=0, validated_every=100)
    assert [line.partition(":")[0] for line in said] == [
        *("update 2 of 12", "update 7 of 12", "update 12 of 12"),
        "trained 12 updates in 12 min; testing",
    ]


def test_a_line_a_validation_with_the_time_left(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    scores = "train/loss 2.5, val/bleu 12.35"
    assert _lines(monkeypatch, caplog, bar=None, begins=0) == [
        f"update 2 of 12: {scores}; about 10 min left",
        f"update 4 of 12: {scores}; about 8 min left",
        f"update 8 of 12: {scores}; about 4 min left",
        f"update 12 of 12: {scores}",
        "trained 12 updates in 12 min; testing",
    ]


def test_a_resumed_run_counts_its_own_time(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    lines = _lines(monkeypatch, caplog, bar=None, begins=6)
    assert [line.partition(":")[0] for line in lines[:2]] == ["update 8 of 12"] * 2
    assert lines[0].endswith("about 4 min left")
    assert lines[-1] == "trained 6 updates in 6 min; testing"


def test_a_slow_run_tells_the_time_left_before_its_first_report(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lines = _lines(monkeypatch, caplog, bar=None, begins=0, report_every=100, metrics={})
    assert lines[:2] == ["update 3 of 12: about 9 min left", "update 4 of 12: about 8 min left"]
    assert lines[-2] == "update 12 of 12"  # nothing else is to be said


def test_a_bar_needs_no_lines(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    assert _lines(monkeypatch, caplog, bar=object(), begins=0) == []
