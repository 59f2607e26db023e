"""A picture of how a run's scores moved."""

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import ClassVar

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_only

from attnlab.callbacks.csv_log import MetricsCSV
from attnlab.callbacks.loggers import log_image
from attnlab.models.layers.slots import slots_of
from attnlab.reporting.figures import save
from attnlab.reporting.figures.draw import draw
from attnlab.reporting.look import Look, run_caption
from attnlab.reporting.pictures import Curves
from attnlab.tasks.task import task_of

log = logging.getLogger(__name__)

NAME = "curves.png"
MOST_SCORES = 6


class LearningCurves(Callback):
    """Draws losses and scores, in training and in validation, against updates as `curves.png` after the test.

    They are those of `metrics.csv`; without that log there is no picture. A figure that fails is reported and left out.
    """

    files: ClassVar[dict[str, str]] = {NAME: "learning curves"}

    def __init__(self, directory: Path, *, name: str = "") -> None:
        self.directory, self.name = Path(directory), name

    @rank_zero_only
    def on_test_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        logs = [logger for logger in trainer.loggers if isinstance(logger, MetricsCSV)]
        try:
            task = task_of(pl_module)
            curves = curves_of(logs[0].rows(), monitor=task.monitor) if logs else None
            if curves is None:
                return
            caption = run_caption(self.name, self.directory, slots_of(task.model))
            path = save(draw(curves, Look(caption=caption)), self.directory / NAME)
        except Exception as error:  # a figure is never worth a run
            log.warning("no learning curves: %s", error)
            return
        log_image(trainer, "curves", path)


def curves_of(rows: Iterable[tuple[int, Mapping[str, float]]], *, monitor: str) -> Curves | None:
    """Of a log's rows the losses, the monitored score, and others of validation, not too many; None without any.

    Errors of scores are none.
    """
    found: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for step, values in rows:
        for metric, value in values.items():
            split, _, score = metric.partition("/")
            if split in ("train", "val"):
                found.setdefault(score, {}).setdefault(split, []).append((step, value))
    losses = [score for score in found if score.endswith("loss")]
    validated = [score for score in found if "val" in found[score] and not score.endswith("_error")]
    monitored = monitor.partition("/")[2]
    wanted = list(dict.fromkeys([*losses, *(each for each in (monitored,) if each in found), *validated]))
    if not wanted:
        return None
    return Curves(name="curves", title="", scores={score: found[score] for score in wanted[:MOST_SCORES]})
