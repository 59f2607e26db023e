"""Image classification: a class for each image, scored by accuracy and calibration."""

from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any, Literal, Protocol, cast, runtime_checkable

import torch
import torch.nn.functional as F
from lightning.pytorch import Trainer
from torch import Tensor, nn

from attnlab.data.images.batch import ImageBatch
from attnlab.data.images.codec import ImageCodec
from attnlab.data.module import DataModule
from attnlab.errors import below_one, between
from attnlab.language import Words, wanted
from attnlab.metrics.classification import (
    TOP,
    TOP_FROM,
    ClassificationScores,
    calibration_error,
    in_bins,
    scores_by_class,
)
from attnlab.metrics.records.classes import of_image, scores_of_images
from attnlab.metrics.records.contract import Records, Score
from attnlab.models.classifiers.image_classifier import ImageClassifier
from attnlab.models.classifiers.predictor import ClassifyingPredictor
from attnlab.models.predictors import Prediction
from attnlab.processes import share_statistics
from attnlab.reporting.pictures import ChannelPicture, Confusion, ImagePicture, some_of
from attnlab.tasks.task import Better, Learning, Monitored, Scores, Task
from attnlab.tasks.training.batch_of_one import check_batch_of_one, on_one
from attnlab.tasks.training.class_weights import ClassWeights, balanced, check_class_weights
from attnlab.tasks.training.pretrained import normalise_for
from attnlab.tasks.training.running_mean import RunningMean

MEASURED: dict[str, Better] = {"val/accuracy": "max", "val/loss": "min", "val/calibration_error": "min"}
NUM_VAL_PREDICTIONS = 32  # of which the samples are taken
CONFUSED = Words("Classes of the test split's images", "测试集图像的类别")


@runtime_checkable
class _Labels(Protocol):
    """Data that knows the labels it trains with."""

    def train_labels(self) -> Tensor:
        """(N,) int64."""
        ...


class ImageClassificationTask(Task[ClassifyingPredictor]):
    """Trains an image classifier on label-smoothed cross-entropy, in nats an image.

    With class weights w it is their mean, sum_i w_{y_i} l_i / sum_i w_{y_i}, be it in training or in evaluation; no
    score but the loss knows of them. Losses are reported without smoothing. A prediction's score is the probability of
    the class named.

    Args:
        class_weights: one for each class, in the order of the codec's; "balanced" for N / (K n_c), of N training images
            of K classes, n_c of them of class c; None for all alike.

    Raises:
        ValueError: a share, count, weight or norm out of its range, fewer than two classes, a metric that isn't
            measured, or a mode that isn't its.
    """

    unit = "images"
    predictor_type = ClassifyingPredictor
    codec_type = ImageCodec
    model_members = ("forward", "num_classes")
    model: ImageClassifier
    codec: ImageCodec
    class_weights: Tensor | None  # (K,)

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
        class_weights: ClassWeights = None,
    ) -> None:
        if codec is not None and len(codec.classes) < 2:
            raise ValueError(
                "there must be two classes or more, each in a folder of its own, got one alone (set data.root to the "
                "folder that holds theirs, as photos of photos/cats and photos/dogs, or data.labels to a table of them)"
            )
        check_class_weights(class_weights, None if codec is None else len(codec.classes))
        normalise_for(model, codec)
        below_one("task", label_smoothing=label_smoothing)
        between(1, 10_000, "task", num_calibration_bins=num_calibration_bins)
        top: dict[str, Better] = {"val/top5_accuracy": "max"} if model.num_classes >= TOP_FROM else {}
        predictor, monitored = ClassifyingPredictor(model, codec), Monitored(monitor, mode, MEASURED | top)
        super().__init__(predictor, Learning(optimizer, scheduler, clip_norm), monitored)
        self.label_smoothing = label_smoothing
        self.balances = class_weights == "balanced"
        if class_weights is not None:
            ones = torch.ones(model.num_classes)
            # With the weights in a checkpoint, as another test set doesn't say what training images there were.
            self.register_buffer("class_weights", ones if self.balances else torch.tensor(list(class_weights)).float())
        else:
            self.class_weights = None
        self.train_accuracy = RunningMean()
        self.resumed["train_accuracy"] = self.train_accuracy
        self.val_scores, self.test_scores = (
            ClassificationScores(model.num_classes, num_bins=num_calibration_bins) for _ in range(2)
        )

    # Training

    def check_data(self, data: DataModule, trainer: Trainer) -> None:
        """Weigh the classes by their training images; UserError for batches that the model can't learn from."""
        codec = self.codec
        image = torch.zeros(1, codec.channels, codec.height, codec.width)
        check_batch_of_one(data, trainer.world_size, lambda: on_one(cast(nn.Module, self.model), image))
        if self.balances and isinstance(data, _Labels) and self.class_weights is not None:
            self.class_weights.copy_(balanced(data.train_labels(), self.model.num_classes))

    def training_step(self, batch: ImageBatch, batch_idx: int) -> Tensor:
        # float32 whatever the precision.
        logits = self.model(batch.images).float()  # (B, K)
        right = logits.detach().argmax(dim=1) == batch.labels
        self.train_accuracy.add(right.sum(), batch.labels.new_tensor(len(right)))
        loss = self._loss(logits, batch.labels, "train")
        if self.label_smoothing:
            loss = F.cross_entropy(
                logits, batch.labels, weight=self.class_weights, label_smoothing=self.label_smoothing
            )
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
        losses = self._losses(logits, labels)
        weight = labels.new_tensor(len(labels)) if self.class_weights is None else self.class_weights[labels].sum()
        self.losses[split].add(losses.detach().sum(), weight)
        return losses.mean() if self.class_weights is None else losses.sum() / weight

    def _losses(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Of each image (B,)."""
        return F.cross_entropy(logits, labels, weight=self.class_weights, reduction="none")

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
        if self.class_weights is not None:
            pairs = zip(self.codec.classes, self.class_weights.tolist(), strict=True)
            self.signatures["loss"] = "weights:" + ", ".join(f"{name} {weight:.4g}" for name, weight in pairs)
        by_class = scores_by_class(self.test_scores.confusion(), self.codec.classes)
        binned = [kept["calibration"] for kept in self.statistics.values()]
        scores |= self.test_scores.compute() | {"calibration_error": calibration_error(binned)}
        self.report("test", scores | by_class)

    def _evaluate(self, batch: ImageBatch, split: str, scores: ClassificationScores) -> Tensor:
        """The probabilities (B, K)."""
        logits = self.model(batch.images).float()
        self._loss(logits, batch.labels, split)
        probabilities = logits.softmax(dim=1)
        scores.update(probabilities, batch.labels)
        if split == "test":
            self._keep(batch, logits, probabilities)
        return probabilities

    def _keep(self, batch: ImageBatch, logits: Tensor, probabilities: Tensor) -> None:
        """What images add to the test's scores."""
        losses = self._losses(logits, batch.labels)
        ones = torch.ones_like(losses)
        weights = ones if self.class_weights is None else self.class_weights[batch.labels]
        self.statistics.add("loss", batch.ids, torch.stack([losses, weights], dim=1))
        self.statistics.add("guess", batch.ids, torch.stack([batch.labels, probabilities.argmax(dim=1)], dim=1))
        calibration = in_bins(probabilities, batch.labels, num_bins=self.test_scores.calibration.n_bins)
        self.statistics.add("calibration", batch.ids, calibration)
        if self.test_scores.top is not None:
            hits = (probabilities.topk(TOP, dim=1).indices == batch.labels[:, None]).any(dim=1)
            self.statistics.add(f"top{TOP}_accuracy", batch.ids, torch.stack([hits.float(), ones], dim=1))

    def records(self) -> Records:
        """Losses, hits, and how sure the model was of each guess."""
        names = self.codec.classes
        rows = {}
        for number, kept in self.statistics.items():
            label, guess = kept["guess"]
            rows[number] = of_image(names[label], names[guess]) | {k: v for k, v in kept.items() if k != "guess"}
        scores = {"loss": Score("mean", "loss"), "calibration_error": Score("calibration_error", "calibration")}
        if self.test_scores.top is not None:
            scores[f"top{TOP}_accuracy"] = Score("mean", f"top{TOP}_accuracy")
        return Records(rows, scores | scores_of_images(rows.values(), names))

    def _labelled(self, batch: ImageBatch, probabilities: Tensor, rows: slice) -> list[Prediction]:
        assert batch.names is not None
        found = self.predictor.predictions(batch.ids[rows].tolist(), batch.names[rows], probabilities[rows])
        for prediction, label in zip(found, batch.labels[rows].tolist(), strict=True):
            prediction["target"] = self.codec.classes[label]
        return found

    def confusion(self) -> Confusion:
        """What the test split's images were taken for."""
        counts = self.test_scores.confusion().tolist()
        return Confusion(name="confusion", labels=self.codec.classes, counts=counts, title=CONFUSED.said(wanted()))

    def attention_pictures(self, num: int, data: Any) -> list[ImagePicture | ChannelPicture]:
        """Pictures of `num` test images, spread over the split."""
        pictures = []
        for each in some_of(self.predictions, num):
            pictures += self.predictor.tested_pictures(each, data.image("test", each["id"]))
        return pictures


def confused_classes(predictions: Sequence[Prediction], classes: Sequence[str]) -> Confusion:
    """As a task's own, of the test's predictions."""
    places = {name: number for number, name in enumerate(classes)}
    counts = [[0] * len(classes) for _ in classes]
    for each in predictions:
        counts[places[each["target"]]][places[each["output"]]] += 1
    return Confusion(name="confusion", labels=classes, counts=counts, title=CONFUSED.said(wanted()))
