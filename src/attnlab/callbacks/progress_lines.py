"""How training goes, in a line at a time, where no bar shows it."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_only
from torch import Tensor

from attnlab.language import either
from attnlab.launch.pool_progress import clock_time
from attnlab.reporting.glossary import score_in_chinese
from attnlab.reporting.terminal.text import score_text
from attnlab.tasks.training.scores import updated

log = logging.getLogger(__name__)

# Whoever waits so long for the first report is told the time left before it, by the updates that there are.
SLOW_SECONDS, ENOUGH_UPDATES = 30.0, 3
QUIET_SECONDS = 300.0  # no longer than this without a line


class ProgressLines(Callback):
    """Logs a line at the first report of training, one a validation and one at the end, unless there is a bar.

    Where the first report is long in coming, one before it; where a validation is, one every few minutes. It belongs to
    every run and isn't configured: it computes nothing. The time left is what the updates that are done took,
    validations and all.
    """

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._first = 0  # updates that were done before this process
        self._told = False
        self._said = self._began  # when the last line was

    @rank_zero_only
    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._began, self._first, self._told = time.monotonic(), trainer.global_step, False
        self._said = self._began

    @rank_zero_only
    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        done = trainer.global_step - self._first
        slow = done >= ENOUGH_UPDATES and time.monotonic() - self._began >= SLOW_SECONDS
        first = not self._told and done and (slow or updated(pl_module, batch_idx))
        if first or (self._told and time.monotonic() - self._said >= QUIET_SECONDS):
            self._say(trainer)

    @rank_zero_only
    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.state.fn == "fit":
            self._say(trainer)

    @rank_zero_only
    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.progress_bar_callback is None:
            done, seconds = trainer.global_step - self._first, time.monotonic() - self._began
            took = clock_time(seconds)
            told = either(
                f"trained {done:,} updates in {took}; testing", f"已训练 {done:,} 次更新，用时 {took}；开始测试"
            )
            log.info("%s", told)

    def _say(self, trainer: Trainer) -> None:
        self._told, self._said = True, time.monotonic()
        if trainer.progress_bar_callback is not None:
            return
        step, seconds = trainer.global_step, time.monotonic() - self._began
        left = seconds / max(1, step - self._first) * (trainer.max_steps - step)
        scores, rest = _scores(trainer.progress_bar_metrics), clock_time(left)
        english = [scores, f"about {rest} left" if left > 0 else ""]
        chinese = [scores, f"约剩 {rest}" if left > 0 else ""]
        told = either(
            ": ".join(filter(None, [f"update {step:,} of {trainer.max_steps:,}", "; ".join(filter(None, english))])),
            "：".join(
                filter(None, [f"第 {step:,} 次更新，共 {trainer.max_steps:,} 次", "；".join(filter(None, chinese))])
            ),
        )
        log.info("%s", told)


def _scores(metrics: Mapping[str, float | Tensor | Mapping[str, float]]) -> str:
    """Those that a bar would show: the last report's."""
    scores = {name: float(value) for name, value in metrics.items() if not isinstance(value, Mapping)}
    english = ", ".join(f"{name} {score_text(value)}" for name, value in scores.items())
    chinese = "，".join(f"{score_in_chinese(name)} {score_text(value)}" for name, value in scores.items())
    return either(english, chinese)
