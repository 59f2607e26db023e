"""The bar in the terminal while a run trains."""

import sys
from typing import Any

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import TQDMProgressBar

from attnlab.tasks.training.scores import batches_per_update


def somebody_looks_on() -> bool:
    """Whether a bar can be drawn over and over: on a terminal, in a notebook; elsewhere each state would be a line."""
    return sys.stdout.isatty() or type(sys.stdout).__module__.startswith("ipykernel")


class UpdatesBar(TQDMProgressBar):
    """Counts to the last update: the stream of batches itself has no end."""

    @property
    def total_train_batches(self) -> int | float:
        return self.trainer.max_steps * batches_per_update(self.trainer)

    def on_train_start(self, *args: Any) -> None:
        super().on_train_start(*args)
        # Lightning tells the bar its length when an epoch begins, which a resumed run's doesn't.
        self.train_progress_bar.total = self.total_train_batches

    def on_train_epoch_start(self, trainer: Trainer, *args: Any) -> None:
        super().on_train_epoch_start(trainer, *args)
        self.train_progress_bar.set_description("Training")

    def on_exception(self, *args: Any) -> None:
        # What is said of it begins a line of its own.
        for bar in (self._train_progress_bar, self._val_progress_bar, self._test_progress_bar):
            if bar is not None:
                bar.close()

    def get_metrics(
        self, trainer: Trainer, pl_module: LightningModule
    ) -> dict[str, int | str | float | dict[str, float]]:
        metrics = super().get_metrics(trainer, pl_module)
        return {name: value for name, value in metrics.items() if name != "v_num"}
