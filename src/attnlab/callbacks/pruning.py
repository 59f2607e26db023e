"""Ending a run whose validation scores promise less than those of others."""

from lightning.pytorch import Callback, LightningModule, Trainer

from attnlab.launch.pruning import Judge, Pruned
from attnlab.tasks.task import task_of


class Pruning(Callback):
    """Tells `judge` the monitored score of each validation, and ends training where it says so.

    Not before the next batch: by then the validation's checkpoint is written, from which the run can be gone on with,
    and the last validation ends nothing.

    Raises:
        Pruned: as the judge says.
    """

    def __init__(self, judge: Judge) -> None:
        self.judge, self._ends = judge, False

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        monitor = task_of(pl_module).monitor
        if trainer.state.fn == "fit" and monitor in trainer.callback_metrics:
            self._ends = self.judge(trainer.global_step, float(trainer.callback_metrics[monitor]))

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: object, batch_idx: int) -> None:
        if self._ends:
            raise Pruned(trainer.global_step)
