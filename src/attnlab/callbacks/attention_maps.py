"""Pictures of what the trained model attends to, in `maps/` and in wandb."""

import logging
from pathlib import Path
from typing import ClassVar

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_only

from attnlab.callbacks.loggers import log_image
from attnlab.errors import at_least
from attnlab.models.layers.slots import slots_of
from attnlab.reporting.figures import save
from attnlab.reporting.figures.draw import draw
from attnlab.reporting.look import Look, run_caption
from attnlab.tasks.abilities import ShowsAttention
from attnlab.tasks.task import data_of, task_of

log = logging.getLogger(__name__)


class AttentionMaps(Callback):
    """Draws `num_examples` of the test split after testing; the task says which (`attention_pictures`).

    A figure that fails is reported and left out.
    """

    files: ClassVar[dict[str, str]] = {"maps/*.png": "attention maps"}

    def __init__(self, directory: Path, *, num_examples: int, name: str = "") -> None:
        at_least(0, "callbacks.attention_maps", num_examples=num_examples)
        self.run, self.directory, self.name = Path(directory), Path(directory) / "maps", name
        self.num_examples = num_examples

    @rank_zero_only
    def on_test_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if not isinstance(pl_module, ShowsAttention):
            return
        try:
            pictures = pl_module.attention_pictures(self.num_examples, data_of(trainer))
        except Exception as error:
            log.warning("no attention maps: %s", error)
            return
        look = Look(caption=run_caption(self.name, self.run, slots_of(task_of(pl_module).model)))
        for picture in pictures:
            path = self.directory / f"test_{picture.name}.png"
            try:
                save(draw(picture, look), path)
            except Exception as error:  # a figure is never worth a run
                log.warning("no picture %s: %s", path.name, error)
                continue
            log_image(trainer, f"maps/{picture.name}", path)
