"""That a run has learned nothing, with its results and on the screen, and what to try."""

import logging
from collections.abc import Iterator
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_only

from attnlab.data.module import DataModule
from attnlab.metrics.learning import (
    alike_answers,
    flat_loss,
    no_better_than_counting,
    no_better_than_one_class,
    nothing_right,
)
from attnlab.tasks.task import Task, data_of, task_of
from attnlab.tasks.training.scores import log_interval, updated

log = logging.getLogger(__name__)

FEWEST_UPDATES = 200  # of a run that may be expected to have learned something
LOSS = "train/loss"


class LearningSigns(Callback):
    """`warnings` of a training loss that hasn't fallen, and of a test whose answers know nothing of their inputs.

    It belongs to every run and isn't configured: it computes nothing of its results. It says nothing of a run of few
    updates or of one that trains on a few batches over and over, and nothing of the loss where weights of before
    begin it. Networks that learn against each other have signs of their own (`failure_signs`).

    Args:
        begins: whether this run sees all of its training, which another didn't begin.
        rate: the optimizer's, to be named where another may help.
    """

    def __init__(self, *, begins: bool, rate: float | None) -> None:
        self.begins, self.rate = begins, rate
        self.warnings: list[dict[str, Any]] = []
        self._losses: dict[int, float] = {}  # as reported, by update

    def state_dict(self) -> dict[str, Any]:
        return {"losses": dict(self._losses)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._losses = {int(step): float(loss) for step, loss in state_dict["losses"].items()}

    @rank_zero_only
    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if updated(pl_module, batch_idx) and LOSS in trainer.callback_metrics:
            self._losses[trainer.global_step] = float(trainer.callback_metrics[LOSS])

    @rank_zero_only
    def on_test_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        task = task_of(pl_module)
        few = trainer.global_step < FEWEST_UPDATES or data_of(trainer).overfit_batches is not None
        found = [] if few or len(task.networks) > 1 else self._found(task, data_of(trainer), log_interval(trainer))
        self.warnings = list(found)
        for each in self.warnings:
            log.warning("%s", each["message"])

    def _found(self, task: Task[Any], data: DataModule, interval: int) -> Iterator[dict[str, Any]]:
        whole = self.begins and not task.started_from and min(self._losses, default=0) == interval
        if whole and (message := flat_loss([self._losses[step] for step in sorted(self._losses)])) is not None:
            yield self._warning("loss_not_fallen", message, rate="another")
        accuracy = task.tested.get("accuracy")
        if (message := alike_answers(task.predictions)) is not None:
            yield self._warning("answers_alike", message)
        elif (message := nothing_right(task.tested)) is not None:
            yield self._warning("nothing_right", message)
        elif accuracy is not None and (message := no_better_than_one_class(task.predictions, accuracy)) is not None:
            yield self._warning("no_better_than_one_class", message)
        elif accuracy is not None and (message := _counted(accuracy, data)) is not None:
            yield self._warning("no_better_than_counting", message)

    def _warning(self, kind: str, message: str, *, rate: str = "a lower") -> dict[str, Any]:
        now = "" if self.rate is None else f", now {self.rate:g}"
        return {"kind": kind, "message": f"{message} (try {rate} optimizer.lr{now}, or more updates)"}


def _counted(accuracy: float, data: DataModule) -> str | None:
    """Of answers that are to be looked up, whose data says how often counting is right."""
    commonest = data.summary.get("commonest")
    if commonest is None:
        return None
    return no_better_than_counting(accuracy, commonest=commonest, number=data.num_examples("test"))
