"""What goes wrong between two networks that learn against each other, named when it begins and with the results."""

import logging
import math
from typing import Any, cast

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_only
from torch import Tensor

from attnlab.callbacks.generated_pictures import images_of, samples
from attnlab.errors import at_least
from attnlab.metrics.generation.failures import class_counts, collapse, mean_difference, missing_classes, saturation
from attnlab.models.predictors import ImageGenerator
from attnlab.reporting.pictures import spread
from attnlab.tasks.abilities import ComparesFeatures
from attnlab.tasks.task import data_of, task_of
from attnlab.tasks.training.scores import log_interval, updated

log = logging.getLogger(__name__)

NUM_COMPARED = 256  # samples, and real images, whose distances tell how they differ among themselves
SEED = 0  # of these samples
SHARES = ("train/discriminator_real", "train/discriminator_fake")


class FailureSigns(Callback):
    """Watches a task that generates images; `warnings` go into `metrics.json`. Of other tasks it says nothing.

    `discriminator_saturation`: it judges nearly all images right, for `window` updates on end.
    `mode_collapse`: samples are nearly alike, or look real but are only of few kinds; in two validations on end, or in
    the test of the best checkpoint.

    Args:
        window: in updates; of the first so many, in which a pair has only begun, nothing counts.
    """

    def __init__(self, *, window: int) -> None:
        at_least(1, "callbacks.failure_signs", window=window)
        self.window = window
        self.warnings: list[dict[str, Any]] = []  # kind, message, and the updates from and to which (None: the end)
        self._since: dict[str, int] = {}  # the update from which a sign has been there without a break
        self._real: tuple[float, Tensor | None] | None = None  # difference and classes of real images

    def state_dict(self) -> dict[str, Any]:
        return {"warnings": [dict(each) for each in self.warnings], "since": dict(self._since)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.warnings = [dict(each) for each in state_dict["warnings"]]
        self._since = dict(state_dict["since"])

    @rank_zero_only
    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if not updated(pl_module, batch_idx):
            return
        measured = trainer.callback_metrics
        if any(name not in measured for name in SHARES):
            return
        # What is reported now was counted since the last report.
        begun = trainer.global_step - log_interval(trainer)
        if begun >= self.window:
            message = saturation(*(float(measured[name]) for name in SHARES))
            self._note("discriminator_saturation", message, begun=begun, trainer=trainer, patience=self.window)

    @rank_zero_only
    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.state.fn == "fit" and (found := self._collapse(trainer, pl_module, "val")):
            self._note("mode_collapse", *found, begun=trainer.global_step, trainer=trainer, patience=1)

    @rank_zero_only
    def on_test_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        found = self._collapse(trainer, pl_module, "test")
        if found and found[0] is not None:  # the best checkpoint says nothing of how the last updates went
            message = f"{found[0]}, of the best checkpoint"
            self._note("mode_collapse", message, begun=trainer.global_step, trainer=trainer, patience=0)

    def _collapse(self, trainer: Trainer, pl_module: LightningModule, split: str) -> tuple[str | None] | None:
        """The message, or None, in a tuple; None where there is nothing to say yet, or ever."""
        task = task_of(pl_module)
        if not isinstance(task.predictor, ImageGenerator) or trainer.global_step < self.window:
            return None
        measured, extractor = trainer.callback_metrics, cast(ComparesFeatures, pl_module).extractor
        try:
            if self._real is None:
                rows = spread(data_of(trainer).num_examples("val"), NUM_COMPARED)
                images = images_of(trainer, "val", rows)
                self._real = mean_difference(images), class_counts(extractor, images)
            real_difference, real_counts = self._real
            pictures = samples(task.predictor, NUM_COMPARED, seed=SEED)
            precision, recall = (float(measured.get(f"{split}/{name}", math.nan)) for name in ("precision", "recall"))
            counts = class_counts(extractor, pictures)
            missing = None if real_counts is None or counts is None else missing_classes(real_counts, counts)
            difference = mean_difference(pictures) / real_difference
        except Exception as error:  # a warning is never worth a run
            log.warning("samples weren't looked through: %s", error)
            return None
        return (collapse(difference, precision, recall, missing),)

    def _note(self, kind: str, message: str | None, *, begun: int, trainer: Trainer, patience: int) -> None:
        """Take down that a sign is there, with what to say of it, or that it isn't."""
        step = trainer.global_step
        current = next((each for each in self.warnings if each["kind"] == kind and each["last_step"] is None), None)
        if message is None:
            self._since.pop(kind, None)
            if current is not None:
                current["last_step"] = step
                log.info("%s is over at update %d", kind.replace("_", " "), step)
            return
        first = self._since.setdefault(kind, begun)
        if step - first >= patience and current is None:
            self.warnings.append({"kind": kind, "message": message, "first_step": first, "last_step": None})
            log.warning("%s since update %d: %s", kind.replace("_", " "), first, message)
