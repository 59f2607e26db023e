"""Text classification: a class for each text, scored by accuracy."""

from collections.abc import Callable
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from attnlab.data.text_classification.codec import TextClassificationBatch, TextClassificationCodec
from attnlab.metrics.records.contract import Records, Score
from attnlab.models.special_tokens import PAD
from attnlab.models.text_classifiers.predictor import TextClassifyingPredictor
from attnlab.models.text_classifiers.text_classifier import TextClassifier
from attnlab.reporting.pictures import AttentionPicture
from attnlab.tasks.task import Better, Learning, Monitored, Scores, Task
from attnlab.tasks.training.running_mean import RunningMean

MEASURED: dict[str, Better] = {"val/accuracy": "max", "val/loss": "min"}


class TextClassificationTask(Task[TextClassifyingPredictor]):
    """Trains a text classifier on cross-entropy, in nats a text. A prediction's score is its class's probability.

    Raises:
        ValueError: a norm out of its range, a metric that isn't measured, or a mode that isn't its.
    """

    unit = "tokens"
    predictor_type = TextClassifyingPredictor
    codec_type = TextClassificationCodec
    model_members = ("forward", "num_classes", "max_length")
    model: TextClassifier
    codec: TextClassificationCodec

    def __init__(
        self,
        model: TextClassifier,
        codec: TextClassificationCodec,
        *,
        optimizer: Callable[..., Any],
        scheduler: Callable[..., Any],
        monitor: str,
        mode: Literal["min", "max"],
        clip_norm: float | None,
    ) -> None:
        predictor = TextClassifyingPredictor(model, codec)
        super().__init__(predictor, Learning(optimizer, scheduler, clip_norm), Monitored(monitor, mode, MEASURED))
        self.accuracy = {split: RunningMean() for split in self.losses}
        self.resumed["train_accuracy"] = self.accuracy["train"]

    # Training

    def training_step(self, batch: TextClassificationBatch, batch_idx: int) -> Tensor:
        loss, _ = self._step(batch, "train")
        return loss

    def train_scores(self) -> Scores:
        means = {"loss": self.losses, "accuracy": self.accuracy}
        return self.with_rate({name: self.taken(mean["train"]) for name, mean in means.items()})

    def count(self, batch: TextClassificationBatch) -> tuple[Tensor, int]:
        """Real words in the batch, and all its cells."""
        return (batch.words != PAD).sum(), batch.words.numel()

    def _step(self, batch: TextClassificationBatch, split: str) -> tuple[Tensor, Tensor]:
        """The loss a text, and the probabilities (B, K)."""
        logits = self.model(batch.words).float()
        losses = F.cross_entropy(logits, batch.labels, reduction="none")
        num_texts = batch.labels.new_tensor(len(batch.labels))
        self.losses[split].add(losses.detach().sum(), num_texts)
        hits = logits.argmax(dim=1) == batch.labels
        self.accuracy[split].add(hits.sum(), num_texts)
        if split == "test":
            ones = torch.ones_like(losses)
            for name, values in (("loss", losses), ("accuracy", hits.float())):
                self.statistics.add(name, batch.ids, torch.stack([values, ones], dim=1))
        return losses.mean(), logits.detach().softmax(dim=1)

    # Validation and test

    def validation_step(self, batch: TextClassificationBatch, batch_idx: int) -> None:
        self._evaluate(batch, "val")

    def on_validation_epoch_end(self) -> None:
        self._conclude("val")

    def test_step(self, batch: TextClassificationBatch, batch_idx: int) -> None:
        self._evaluate(batch, "test")

    def on_test_epoch_end(self) -> None:
        self._conclude("test")

    def _evaluate(self, batch: TextClassificationBatch, split: str) -> None:
        _, probabilities = self._step(batch, split)
        assert batch.truth is not None
        found = self.predictor.predictions(batch.ids.tolist(), batch.truth, probabilities)
        for prediction, label in zip(found, batch.labels.tolist(), strict=True):
            prediction["target"] = self.codec.classes[label]
        self.predicted[split] += found

    def _conclude(self, split: str) -> None:
        accuracy = self.taken(self.accuracy[split])
        self.report(split, self.concluded(split) | {"accuracy": accuracy}, bar=["loss", "accuracy"])

    def records(self) -> Records:
        """Losses and hits, whose means the scores are."""
        return Records(self.statistics, {name: Score("mean", name) for name in ("loss", "accuracy")})

    def attention_pictures(self, num: int, data: Any) -> list[AttentionPicture]:
        """Pictures of `num` test texts, spread over the split."""
        return self.predictor.pictures_of_some(self.predictions, num)
