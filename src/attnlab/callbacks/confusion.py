"""A picture of what was taken for what, where the task has classes."""

import logging
from pathlib import Path
from typing import ClassVar

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_only

from attnlab.callbacks.loggers import log_image
from attnlab.reporting.figures import confusion_matrix, save
from attnlab.tasks.abilities import CountsConfusions

log = logging.getLogger(__name__)


class ConfusionPicture(Callback):
    """Draws the task's `confusion()` as `confusion.png` after testing, for those that have one; also to wandb.

    A figure that fails is reported and left out.
    """

    files: ClassVar[dict[str, str]] = {"confusion.png": "confusion"}

    def __init__(self, directory: Path) -> None:
        self.path = Path(directory) / "confusion.png"

    @rank_zero_only
    def on_test_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if not isinstance(pl_module, CountsConfusions):
            return
        try:
            found = pl_module.confusion()
            save(confusion_matrix(found.counts, labels=found.labels, title=found.name), self.path)
        except Exception as error:  # a figure is never worth a run
            log.warning("no confusion picture: %s", error)
            return
        log_image(trainer, "confusion", self.path)
