"""Units a second and padding: per window, over all, without the time of validation, and on from a checkpoint."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from attnlab.callbacks import throughput
from attnlab.callbacks.throughput import Throughput


class Run:
    """A trainer, a task and a clock in one's hands: each batch has 30 units in 40 cells, and two make an update."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, processes: int = 1) -> None:
        self.now, self.logged = 100.0, []
        monkeypatch.setattr(throughput.time, "perf_counter", lambda: self.now)
        monkeypatch.setattr(throughput, "task_of", lambda task: task)
        logger = SimpleNamespace(log_metrics=lambda metrics, step: self.logged.append((step, metrics)))
        strategy = SimpleNamespace(root_device="cpu", reduce=lambda local, reduce_op: processes * local)
        self.trainer: Any = SimpleNamespace(
            global_step=0,
            max_steps=7,
            log_every_n_steps=2,
            accumulate_grad_batches=2,
            loggers=[logger],
            strategy=strategy,
            lightning_module=SimpleNamespace(batches_per_update=None),
        )
        self.task: Any = SimpleNamespace(
            trainer=self.trainer, unit="tokens", count=lambda batch: (torch.tensor(30), 40)
        )
        self.batches = 0

    def train(self, callback: Throughput, num_batches: int, *, seconds: float = 3.0) -> None:
        for _ in range(num_batches):
            self.now += seconds
            self.batches += 1
            self.trainer.global_step = self.batches // 2
            callback.on_train_batch_end(self.trainer, self.task, None, None, self.batches - 1)


def test_a_window_is_logged_with_the_loss_and_the_last_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    run, callback = Run(monkeypatch), Throughput()
    callback.on_train_start(run.trainer, run.task)
    run.train(callback, 14)
    assert [step for step, _ in run.logged] == [2, 4, 6, 7]
    for _, metrics in run.logged:
        assert metrics == {"train/tokens_per_second": pytest.approx(10), "train/padding_share": pytest.approx(0.25)}
    assert callback.totals == {"units": 14 * 30, "cells": 14 * 40, "seconds": pytest.approx(42)}
    assert (callback.per_second, callback.padding_share) == (pytest.approx(10), pytest.approx(0.25))


def test_the_time_of_validation_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    run, callback = Run(monkeypatch), Throughput()
    callback.on_train_start(run.trainer, run.task)
    run.train(callback, 3)
    callback.on_validation_start(run.trainer, run.task)
    run.now += 1000
    callback.on_validation_end(run.trainer, run.task)
    run.train(callback, 1)
    assert run.logged[0][1]["train/tokens_per_second"] == pytest.approx(10)


def test_all_processes_count(monkeypatch: pytest.MonkeyPatch) -> None:
    run, callback = Run(monkeypatch, processes=3), Throughput()
    callback.on_train_start(run.trainer, run.task)
    run.train(callback, 4)
    assert run.logged[0][1]["train/tokens_per_second"] == pytest.approx(30)


def test_an_interrupted_window_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    run, first, second = Run(monkeypatch), Throughput(), Throughput()
    first.on_train_start(run.trainer, run.task)
    run.train(first, 5)
    state = first.state_dict()
    run.now += 1000  # until it is taken up again
    second.load_state_dict(state)
    second.on_train_start(run.trainer, run.task)
    run.train(second, 3)
    assert second.totals == {"units": 8 * 30, "cells": 8 * 40, "seconds": pytest.approx(24)}
    assert run.logged[1][1]["train/tokens_per_second"] == pytest.approx(10)


def test_nothing_trained_has_no_rate() -> None:
    assert (Throughput().per_second, Throughput().padding_share) == (None, None)
