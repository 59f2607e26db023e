"""Image classification: a class for each image, scored by accuracy and calibration."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any, Literal

import torch.nn.functional as F
from torch import Tensor

from attnlab.data.images.batch import ImageBatch
from attnlab.data.images.codec import ImageCodec
from attnlab.errors import at_least, below_one
from attnlab.metrics.classification import TOP_FROM, ClassificationScores, scores_by_class
from attnlab.models.classifiers.image_classifier import ImageClassifier
from attnlab.models.classifiers.predictor import ClassifyingPredictor
from attnlab.models.predictors import Prediction
from attnlab.processes import share_statistics
from attnlab.reporting.pictures import ChannelPicture, Confusion, ImagePicture, some_of
from attnlab.tasks.task import Better, Learning, Monitored, Scores, Task
from attnlab.tasks.training.running_mean import RunningMean

MEASURED: dict[str, Better] = {"val/accuracy": "max", "val/loss": "min", "val/calibration_error": "min"}
NUM_VAL_PREDICTIONS = 32  # of which the samples are taken


class ImageClassificationTask(Task[ClassifyingPredictor]):
    """Trains an image classifier on label-smoothed cross-entropy, in nats an image.

    Losses are reported without smoothing. A prediction's score is the probability of the class named.

    Raises:
        ValueError: a share, count or norm out of its range, a metric that isn't measured, or a mode that isn't its.
    """

    unit = "images"
    predictor_type = ClassifyingPredictor
    codec_type = ImageCodec
    model_members = ("forward", "num_classes")
    model: ImageClassifier
    codec: ImageCodec

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
        below_one("task", label_smoothing=label_smoothing)
        at_least(1, "task", num_calibration_bins=num_calibration_bins)
        top: dict[str, Better] = {"val/top5_accuracy": "max"} if model.num_classes >= TOP_FROM else {}
        predictor, monitored = ClassifyingPredictor(model, codec), Monitored(monitor, mode, MEASURED | top)
        super().__init__(predictor, Learning(optimizer, scheduler, clip_norm), monitored)
        self.label_smoothing = label_smoothing
        self.train_accuracy = RunningMean()
        self.resumed["train_accuracy"] = self.train_accuracy
        self.val_scores, self.test_scores = (
            ClassificationScores(model.num_classes, num_bins=num_calibration_bins) for _ in range(2)
        )

    # Training

    def training_step(self, batch: ImageBatch, batch_idx: int) -> Tensor:
        # float32 whatever the precision.
        logits = self.model(batch.images).float()  # (B, K)
        right = logits.detach().argmax(dim=1) == batch.labels
        self.train_accuracy.add(right.sum(), batch.labels.new_tensor(len(right)))
        loss = self._loss(logits, batch.labels, "train")
        if self.label_smoothing:
            loss = F.cross_entropy(logits, batch.labels, label_smoothing=self.label_smoothing)
        return loss

    def on_train_batch_start(self, batch: ImageBatch, batch_idx: int) -> None:
        # As DDP would: a checkpoint holds the first process's, from which all go on after a resume.
        share_statistics(self)

    def train_scores(self) -> Scores:
        return self.with_rate({"loss": self.taken(self.losses["train"]), "accuracy": self.taken(self.train_accuracy)})

    def count(self, batch: ImageBatch) -> tuple[int, int]:
        """Images in the batch; nothing is padded."""
        return len(batch.labels), len(batch.labels)

    def _loss(self, logits: Tensor, labels: Tensor, split: str) -> Tensor:
        losses = F.cross_entropy(logits, labels, reduction="none")
        self.losses[split].add(losses.detach().sum(), labels.new_tensor(len(labels)))
        return losses.mean()

    # Validation and test

    def on_validation_start(self) -> None:
        share_statistics(self)
        self.val_scores.reset()

    def validation_step(self, batch: ImageBatch, batch_idx: int) -> None:
        probabilities = self._evaluate(batch, "val", self.val_scores)
        if batch_idx == 0:
            self.predicted["val"] = self._labelled(batch, probabilities, slice(NUM_VAL_PREDICTIONS))

    def on_validation_epoch_end(self) -> None:
        self.report("val", self.concluded("val") | self.val_scores.compute(), bar=["loss", "accuracy"])

    def on_test_start(self) -> None:
        self.test_scores.reset()

    def test_step(self, batch: ImageBatch, batch_idx: int) -> None:
        probabilities = self._evaluate(batch, "test", self.test_scores)
        self.predicted["test"] += self._labelled(batch, probabilities, slice(None))

    def on_test_epoch_end(self) -> None:
        scores = self.concluded("test")
        bins = self.test_scores.calibration.n_bins
        self.signatures["calibration_error"] = f"torchmetrics|version:{version('torchmetrics')}|bins:{bins}|norm:l1"
        by_class = scores_by_class(self.test_scores.confusion(), self.codec.classes)
        self.report("test", scores | self.test_scores.compute() | by_class)

    def _evaluate(self, batch: ImageBatch, split: str, scores: ClassificationScores) -> Tensor:
        """The probabilities (B, K)."""
        logits = self.model(batch.images).float()
        self._loss(logits, batch.labels, split)
        probabilities = logits.softmax(dim=1)
        scores.update(probabilities, batch.labels)
        return probabilities

    def _labelled(self, batch: ImageBatch, probabilities: Tensor, rows: slice) -> list[Prediction]:
        assert batch.names is not None
        found = self.predictor.predictions(batch.ids[rows].tolist(), batch.names[rows], probabilities[rows])
        for prediction, label in zip(found, batch.labels[rows].tolist(), strict=True):
            prediction["target"] = self.codec.classes[label]
        return found

    def confusion(self) -> Confusion:
        """What the test split's images were taken for."""
        counts = self.test_scores.confusion().tolist()
        return Confusion(name="classes of images", labels=self.codec.classes, counts=counts)

    def attention_pictures(self, num: int, data: Any) -> list[ImagePicture | ChannelPicture]:
        """Pictures of `num` test images, spread over the split."""
        pictures = []
        for each in some_of(self.predictions, num):
            title = f"{each['output']} {each['score']:.0%}, truly {each['target']}"
            image = data.image("test", each["id"])
            pictures += self.predictor.image_pictures(image, name=str(each["id"]), title=title)
        return pictures
