"""Image classification: a class for each image, scored by accuracy and calibration."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import version
from itertools import islice
from typing import Any, Literal

import torch
import torch.nn.functional as F
from lightning.pytorch import LightningModule
from torch import Tensor

from attnlab.data.image_batch import ImageBatch
from attnlab.data.image_codec import ImageCodec
from attnlab.metrics.classification import TOP_FROM, ClassificationScores, scores_by_class, top_classes
from attnlab.models.image_classifier import ImageClassifier
from attnlab.tasks.clipping import check_clip_norm, clip_gradients
from attnlab.tasks.image_pictures import map_pictures
from attnlab.tasks.monitored import check_monitored
from attnlab.tasks.processes import share_statistics
from attnlab.tasks.results import ChannelPicture, Confusion, ImagePicture, Prediction, gather_predictions
from attnlab.tasks.running_mean import RunningMean
from attnlab.tasks.scores import report_scores

NUM_VAL_PREDICTIONS = 32  # of which the samples are taken


class ImageClassificationTask(LightningModule):
    """Trains an image classifier on label-smoothed cross-entropy, in nats an image.

    Losses are reported without smoothing. A prediction's score is the probability of the class named.

    Raises:
        ValueError: a share, count or norm out of its range, a metric that isn't measured, or a mode that isn't its.
    """

    unit = "images"
    model_members = ("forward", "num_classes")

    def __init__(
        self,
        model: ImageClassifier,
        codec: ImageCodec,
        *,
        optimizer: Callable[..., Any],
        scheduler: Callable[..., Any],
        monitor: str,
        mode: Literal["min", "max"],
        label_smoothing: float,
        clip_norm: float | None,
        num_calibration_bins: int,
    ) -> None:
        super().__init__()
        if not 0 <= label_smoothing < 1:
            raise ValueError(f"label_smoothing must lie in [0, 1), got {label_smoothing} (set task.label_smoothing)")
        check_clip_norm(clip_norm)
        if num_calibration_bins < 1:
            raise ValueError(
                f"num_calibration_bins must be 1 or more, got {num_calibration_bins} (set task.num_calibration_bins)"
            )
        measured = ["val/accuracy", "val/loss", "val/calibration_error"]
        if model.num_classes >= TOP_FROM:
            measured.append("val/top5_accuracy")
        check_monitored(monitor, mode, measured=measured)
        self.model, self.codec = model, codec
        self.optimizer, self.scheduler = optimizer, scheduler
        self.monitor, self.mode = monitor, mode
        self.label_smoothing, self.clip_norm = label_smoothing, clip_norm
        self.train_loss, self.val_loss, self.test_loss = RunningMean(), RunningMean(), RunningMean()
        self.train_accuracy = RunningMean()
        self.val_scores, self.test_scores = (
            ClassificationScores(model.num_classes, num_bins=num_calibration_bins) for _ in range(2)
        )
        self.val_predictions: list[Prediction] = []
        self.predictions: list[Prediction] = []
        self.signatures: dict[str, str] = {}

    # Training

    def configure_optimizers(self) -> Any:
        optimizer = self.optimizer(self.parameters())
        schedule = self.scheduler(optimizer, total_steps=self.trainer.max_steps)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def configure_gradient_clipping(self, optimizer: Any, *_: Any, **__: Any) -> None:
        clip_gradients(self, optimizer, self.clip_norm)

    def training_step(self, batch: ImageBatch, batch_idx: int) -> Tensor:
        # float32 whatever the precision.
        logits = self.model(batch.images).float()  # (B, K)
        right = logits.detach().argmax(dim=1) == batch.labels
        self.train_accuracy.add(right.sum(), batch.labels.new_tensor(len(right)))
        loss = self._loss(logits, batch.labels, self.train_loss)
        if self.label_smoothing:
            loss = F.cross_entropy(logits, batch.labels, label_smoothing=self.label_smoothing)
        return loss

    def on_train_batch_start(self, batch: ImageBatch, batch_idx: int) -> None:
        # As DDP would: a checkpoint holds the first process's, from which all go on after a resume.
        share_statistics(self)

    def train_scores(self) -> dict[str, float | Tensor]:
        """The means since they were last asked for."""
        rate: float = self.trainer.optimizers[0].param_groups[0]["lr"]
        reduce = self.trainer.strategy.reduce
        return {
            "train/loss": self.train_loss.take(reduce),
            "train/accuracy": self.train_accuracy.take(reduce),
            "train/lr": rate,
        }

    def count(self, batch: ImageBatch) -> tuple[int, int]:
        """Images in the batch; nothing is padded."""
        return len(batch.labels), len(batch.labels)

    def _loss(self, logits: Tensor, labels: Tensor, mean: RunningMean) -> Tensor:
        losses = F.cross_entropy(logits, labels, reduction="none")
        mean.add(losses.detach().sum(), labels.new_tensor(len(labels)))
        return losses.mean()

    # Validation and test

    def on_validation_epoch_start(self) -> None:
        share_statistics(self)
        self.val_predictions = []
        self.val_scores.reset()

    def validation_step(self, batch: ImageBatch, batch_idx: int) -> None:
        probabilities = self._evaluate(batch, self.val_loss, self.val_scores)
        if batch_idx == 0:
            first = slice(NUM_VAL_PREDICTIONS)
            self.val_predictions = self._labelled(batch, probabilities, "val", first)

    def on_validation_epoch_end(self) -> None:
        loss = self.val_loss.take(self.trainer.strategy.reduce)
        self.val_predictions = gather_predictions(self.val_predictions)
        scores = {"loss": loss, **self.val_scores.compute()}
        report_scores(self, {f"val/{name}": value for name, value in scores.items()}, bar=("val/loss", "val/accuracy"))

    def on_test_epoch_start(self) -> None:
        self.predictions = []
        self.test_scores.reset()

    def test_step(self, batch: ImageBatch, batch_idx: int) -> None:
        probabilities = self._evaluate(batch, self.test_loss, self.test_scores)
        self.predictions += self._labelled(batch, probabilities, "test", slice(None))

    def on_test_epoch_end(self) -> None:
        loss = self.test_loss.take(self.trainer.strategy.reduce)
        self.predictions = gather_predictions(self.predictions)
        bins = self.test_scores.calibration.n_bins
        self.signatures["calibration_error"] = f"torchmetrics|version:{version('torchmetrics')}|bins:{bins}|norm:l1"
        by_class = scores_by_class(self.test_scores.confusion(), self.codec.classes)
        scores = {"loss": loss, **self.test_scores.compute(), **by_class}
        report_scores(self, {f"test/{name}": value for name, value in scores.items()})

    def _evaluate(self, batch: ImageBatch, mean: RunningMean, scores: ClassificationScores) -> Tensor:
        """The probabilities (B, K)."""
        logits = self.model(batch.images).float()
        self._loss(logits, batch.labels, mean)
        probabilities = logits.softmax(dim=1)
        scores.update(probabilities, batch.labels)
        return probabilities

    def _labelled(self, batch: ImageBatch, probabilities: Tensor, split: str, rows: slice) -> list[Prediction]:
        ids, labels = batch.ids[rows].tolist(), batch.labels[rows].tolist()
        names = [self.trainer.datamodule.image_name(split, each) for each in ids]  # type: ignore[attr-defined]
        found = _predictions(ids, names, probabilities[rows], self.codec.classes)
        for prediction, label in zip(found, labels, strict=True):
            prediction["target"] = self.codec.classes[label]
        return found

    def confusion(self) -> Confusion:
        """What the test split's images were taken for."""
        counts = self.test_scores.confusion().tolist()
        return Confusion(name="classes of images", labels=self.codec.classes, counts=counts)

    # Use

    @torch.inference_mode()
    def predict_images(self, images: Iterable[tuple[str, Tensor]], *, batch_size: int = 32) -> Iterator[Prediction]:
        """Classify images, in order: their names, and what the codec's `prepare` made of them."""
        self.eval()
        remaining, start = iter(images), 0
        while chunk := list(islice(remaining, batch_size)):
            names, pixels = zip(*chunk, strict=True)
            probabilities = self.model(self._inputs(torch.stack(pixels))).float().softmax(dim=1)
            yield from _predictions(range(start, start + len(chunk)), names, probabilities, self.codec.classes)
            start += len(chunk)

    def _inputs(self, pixels: Tensor) -> Tensor:
        """Bytes (B, C, H, W) as the model takes them."""
        return self.codec.normalise(pixels.to(self.device)).to(self.dtype)

    def image_pictures(self, image: Tensor, *, name: str, title: str) -> list[ImagePicture | ChannelPicture]:
        """What the model attends to in an image (C, H, W) of bytes: over the image, over channels; none without."""
        if not hasattr(self.model, "image_maps"):  # a model of the user's own may have none
            return []
        self.eval()
        maps = self.model.image_maps(self._inputs(image.unsqueeze(0)))
        return map_pictures(maps, image, name=name, title=title)

    def attention_pictures(self, num: int) -> list[ImagePicture | ChannelPicture]:
        """Pictures of `num` test images, spread over the split."""
        chosen = self.predictions[:: max(1, len(self.predictions) // max(1, num))][:num]
        pictures = []
        for each in chosen:
            image = self.trainer.datamodule.image("test", each["id"])  # type: ignore[attr-defined]
            title = f"{each['output']} {each['score']:.0%}, truly {each['target']}"
            pictures += self.image_pictures(image, name=str(each["id"]), title=title)
        return pictures

    # Resume: sums in the making belong to the run

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["train_loss"] = self.train_loss.state()
        checkpoint["train_accuracy"] = self.train_accuracy.state()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.train_loss.restore(checkpoint["train_loss"])
        self.train_accuracy.restore(checkpoint["train_accuracy"])


def _predictions(
    ids: Iterable[int], names: Sequence[str], probabilities: Tensor, classes: Sequence[str]
) -> list[Prediction]:
    found: list[Prediction] = []
    for number, name, top in zip(ids, names, top_classes(probabilities, classes), strict=True):
        output, score = top[0]
        details = {"top": [{"output": each, "score": probability} for each, probability in top]}
        found.append(
            {"id": number, "input": name, "output": output, "target": None, "score": score, "details": details}
        )
    return found
