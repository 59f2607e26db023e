"""A picture of what was taken for what, where the task has classes."""

import logging
from pathlib import Path
from typing import ClassVar

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_only

from attnlab.callbacks.loggers import log_image
from attnlab.models.layers.slots import slots_of
from attnlab.reporting.figures import save
from attnlab.reporting.figures.draw import draw
from attnlab.reporting.look import Look, run_caption
from attnlab.tasks.abilities import CountsConfusions
from attnlab.tasks.task import task_of

log = logging.getLogger(__name__)


class ConfusionPicture(Callback):
    """Draws the task's `confusion()` as `confusion.png` after testing, for those that have one; also to wandb.

    A figure that fails is reported and left out.
    """

    files: ClassVar[dict[str, str]] = {"confusion.png": "confusion"}

    def __init__(self, directory: Path, *, name: str = "") -> None:
        self.path, self.name = Path(directory) / "confusion.png", name

    @rank_zero_only
    def on_test_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if not isinstance(pl_module, CountsConfusions):
            return
        try:
            caption = run_caption(self.name, self.path.parent, slots_of(task_of(pl_module).model))
            save(draw(pl_module.confusion(), Look(caption=caption)), self.path)
        except Exception as error:  # a figure is never worth a run
            log.warning("no confusion picture: %s", error)
            return
        log_image(trainer, "confusion", self.path)
