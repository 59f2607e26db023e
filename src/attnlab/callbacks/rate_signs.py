"""That a run's learning rate can't teach it anything, or never comes to what was set, with its results and on the
screen, before anything is trained."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_only

log = logging.getLogger(__name__)

PEAKS = ("max_lr", "base_lr")  # of schedules that set a rate of their own


class RateSigns(Callback):
    """`warnings` of a rate of 0, and of a warm-up that is longer than the run, be it a first look of a few updates.

    It belongs to every run and isn't configured: it computes nothing.

    Args:
        optimizer, scheduler: as the run's configuration has them; a user's own may have other keys.
    """

    def __init__(self, *, optimizer: Mapping[str, Any], scheduler: Mapping[str, Any]) -> None:
        self.rates = [optimizer.get("lr"), *(scheduler[name] for name in PEAKS if name in scheduler)]
        self.warm_up = scheduler.get("warmup_steps")
        self.warnings: list[dict[str, Any]] = []

    @rank_zero_only
    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.warnings = list(self._found(trainer.max_steps))
        for each in self.warnings:
            log.warning("%s", each["message"])

    def _found(self, updates: int) -> Iterator[dict[str, Any]]:
        known = [rate for rate in self.rates if isinstance(rate, float | int)]
        if known and not any(known):
            yield _warning("rate_of_zero", f"nothing is learned at a learning rate of {known[0]:g} (set optimizer.lr)")
        elif isinstance(self.warm_up, int) and self.warm_up > updates:
            yield _warning(
                "warm_up_too_long",
                f"the learning rate never comes to its peak: its warm-up takes {self.warm_up} updates, and the run "
                f"{updates} (set scheduler.warmup_steps)",
            )


def _warning(kind: str, message: str) -> dict[str, Any]:
    return {"kind": kind, "message": message}
