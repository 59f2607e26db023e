"""Named entity recognition: a label for each word, scored by the entities that the labels mark."""

from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any, Literal

import torch
from lightning.pytorch import Trainer
from torch import Tensor

from attnlab.data import TaggingBatch, TaggingCodec
from attnlab.data.module import DataModule
from attnlab.data.tagging.module import TaggingDataModule
from attnlab.errors import UserError
from attnlab.language import either
from attnlab.metrics.entities import Tagged, confusion_counts, overall_scores, scores_by_type
from attnlab.metrics.records.contract import Records, Score, by_id, joined
from attnlab.metrics.records.entities import of_sentences, scores_of_sentences
from attnlab.models.predictors import Prediction
from attnlab.models.taggers.predictor import Labelled, TaggingPredictor
from attnlab.models.taggers.tagger import Tagger, word_mask
from attnlab.processes import gathered
from attnlab.reporting.pictures import AttentionPicture, Confusion
from attnlab.tasks.task import Better, Learning, Monitored, Scores, Task

MEASURED: dict[str, Better] = {
    "val/f1": "max",
    "val/precision": "max",
    "val/recall": "max",
    "val/token_accuracy": "max",
    "val/loss": "min",
}


OF_ENTITIES = ("val/f1", "val/precision", "val/recall")
BASELINE = "commonest_label_"  # before its scores' names


class NERTask(Task[TaggingPredictor]):
    """Trains a tagger on -log p(labels | sentence), in nats a word.

    Predicted labels are the model's most probable valid IOB2 sequence, or, where a direction hides words, chosen one by
    one. A sentence longer than the model reads is labelled in pieces. `test/commonest_label_*` scores the baseline that
    gives each word its commonest label in training, O if it never stood there; `*unseen_*` are over entities whose
    text, case-folded, is none of training's. Where a split has no entity, its scores of entities are left out.

    Raises:
        ValueError: a norm out of its range, a metric that isn't measured, or a mode that isn't its.
    """

    unit = "tokens"
    predictor_type = TaggingPredictor
    codec_type = TaggingCodec
    model_members = ("label_scores", "reading", "max_length")
    model: Tagger
    codec: TaggingCodec

    def __init__(
        self,
        model: Tagger,
        codec: TaggingCodec,
        *,
        optimizer: Callable[..., Any],
        scheduler: Callable[..., Any],
        monitor: str,
        mode: Literal["min", "max"],
        clip_norm: float | None,
    ) -> None:
        predictor = TaggingPredictor(model, codec)
        super().__init__(predictor, Learning(optimizer, scheduler, clip_norm), Monitored(monitor, mode, MEASURED))
        self.commonest: dict[int, list[str]] = {}  # the baseline's labels of the test's sentences, by their ids
        self.train_entities: frozenset[str] | None = None

    def check_data(self, data: DataModule, trainer: Trainer) -> None:
        """UserError where there is no entity in validation, by which the best checkpoint is to be chosen."""
        limit = trainer.limit_val_batches or 0
        if not isinstance(data, TaggingDataModule) or self.monitor not in OF_ENTITIES or not limit:
            return
        if not data.summary["entities"]["val"]:
            raise UserError(
                f"{self.monitor} can't choose the best checkpoint where val has no entity, got none in "
                f"{data.num_examples('val')} sentences (set data.root, or task.monitor=val/loss and task.mode=min)"
            )
        rows: list[int] = []
        for rank in range(trainer.world_size):
            plan = data.plans.evaluation_plan("val", rank=rank, world_size=trainer.world_size)
            taken = limit if isinstance(limit, int) else int(len(plan) * limit)
            rows += [row for batch in plan[:taken] for row in batch.tolist()]
        if not data.has_entity("val", rows):
            raise UserError(
                f"{self.monitor} can't choose the best checkpoint where the batches of validation have no entity, got "
                f"none in {len(rows)} of {data.num_examples('val')} sentences (set trainer.limit_val_batches, or "
                "task.monitor=val/loss and task.mode=min)"
            )

    # Training

    def training_step(self, batch: TaggingBatch, batch_idx: int) -> Tensor:
        loss, _ = self._step(batch, "train")
        return loss

    def train_scores(self) -> Scores:
        return self.with_rate({"loss": self.taken(self.losses["train"])})

    def count(self, batch: TaggingBatch) -> tuple[Tensor, int]:
        """Real words in the batch, and all its cells."""
        return word_mask(batch.words).sum(), batch.words.numel()

    def _step(self, batch: TaggingBatch, split: str) -> tuple[Tensor, Tensor]:
        """The loss a word, and the emissions (B, T, C)."""
        mask = word_mask(batch.words)
        emissions = self.model(batch.words, batch.characters)
        of_rows = self.model.label_scores(emissions, batch.labels, mask)  # (B,)
        total, num_words = of_rows.sum(), mask.sum()
        if split == "test":
            self.statistics.add("loss", batch.ids, torch.stack([of_rows.detach().float(), mask.sum(dim=1)], dim=1))
        self.losses[split].add(total.detach(), num_words)
        return total / num_words, emissions

    # Validation and test

    def validation_step(self, batch: TaggingBatch, batch_idx: int) -> None:
        self.predicted["val"] += self._labelled(batch, "val")

    def on_validation_epoch_end(self) -> None:
        scores = self.concluded("val") | self._scores(*_tagged(self.val_predictions))
        self.report("val", scores, bar=["loss", "f1"])

    def on_test_start(self) -> None:
        self.commonest = {}

    def test_step(self, batch: TaggingBatch, batch_idx: int) -> None:
        assert batch.truth is not None
        found = self._labelled(batch, "test")
        self.predicted["test"] += found
        commonest = batch.truth.commonest or []
        self.commonest |= {each["id"]: labels for each, labels in zip(found, commonest, strict=bool(commonest))}

    def on_test_epoch_end(self) -> None:
        scores = self.concluded("test")
        self.signatures["entities"] = f"seqeval|version:{version('seqeval')}|mode:strict|scheme:IOB2"
        targets, outputs = _tagged(self.predictions)
        if not any(target.spans for target in targets):
            message = f"no entity in {len(targets)} test sentences: precision, recall and F1 are left out"
            self.warnings.append({"kind": "no_entity_to_find", "message": message})
        scores |= self._scores(targets, outputs) | scores_by_type(targets, outputs)
        self.commonest = {number: labels for part in gathered(self.commonest) for number, labels in part.items()}
        baseline = self._answers_of_baseline()
        if baseline is not None:
            scores |= {f"{BASELINE}{name}": value for name, value in self._scores(targets, baseline).items()}
        self.report("test", scores)

    def _labelled(self, batch: TaggingBatch, split: str) -> list[Prediction]:
        """A prediction for each sentence of a batch."""
        _, emissions = self._step(batch, split)
        assert batch.truth is not None
        self.train_entities = batch.truth.train_entities
        pieces: dict[int, list[Labelled]] = {}
        decoded = self.predictor.decode(emissions, word_mask(batch.words))
        for number, piece in zip(batch.ids.tolist(), decoded, strict=True):
            pieces.setdefault(number, []).append(piece)  # a long sentence is several rows of one batch
        predictions = []
        for (number, found), truth in zip(pieces.items(), batch.truth.sentences, strict=True):
            each = self.predictor.prediction(number, truth.text, truth.offsets, found)
            each["target"] = self.codec.spans(truth.labels, truth.offsets, truth.text)
            each["details"]["target_labels"] = truth.labels
            predictions.append(each)
        return predictions

    def _scores(self, targets: list[Tagged], outputs: list[Tagged]) -> Scores:
        return {**overall_scores(targets, outputs, seen=self.train_entities)}

    def _answers_of_baseline(self) -> list[Tagged] | None:
        """The baseline's answer to each of `predictions`; None where training isn't known."""
        if not self.commonest:
            return None
        tagged = []
        for each in self.predictions:
            labels, offsets = self.commonest[each["id"]], each["details"]["words"]
            tagged.append(Tagged(labels, self.codec.spans(labels, offsets, each["input"])))
        return tagged

    def records(self) -> Records:
        """Losses, entities that are right, wrong and missed, and the baseline's."""
        targets, outputs = _tagged(self.predictions)
        rows = of_sentences(targets, outputs, seen=self.train_entities)
        columns = [self.statistics, by_id(self.predictions, rows)]
        scores = {"loss": Score("mean", "loss")} | scores_of_sentences(rows)
        if (baseline := self._answers_of_baseline()) is not None:
            rows = of_sentences(targets, baseline, seen=self.train_entities, prefix=BASELINE)
            columns.append(by_id(self.predictions, rows))
            scores |= scores_of_sentences(rows, prefix=BASELINE)
        return Records(joined(*columns), scores)

    def confusion(self) -> Confusion:
        """Which type the test split's words were taken for."""
        return confused_types(self.predictions, self.codec.types)

    def attention_pictures(self, num: int, data: Any) -> list[AttentionPicture]:
        """Pictures of `num` test sentences with entities and of readable length, spread over the split."""
        return self.predictor.pictures_of_some(self.predictions, num)


def confused_types(predictions: Sequence[Prediction], types: Sequence[str]) -> Confusion:
    """Which type words were predicted to be of."""
    targets, outputs = _tagged(predictions)
    counts = confusion_counts(targets, outputs, types=types)
    title = either("Words of the test split by type", "测试集的词，按类型")
    return Confusion(name="confusion", labels=["O", *types], counts=counts, title=title)


def _tagged(predictions: Sequence[Prediction]) -> tuple[list[Tagged], list[Tagged]]:
    """Targets and outputs."""
    return (
        [Tagged(p["details"]["target_labels"], p["target"]) for p in predictions],
        [Tagged(p["details"]["labels"], p["output"]) for p in predictions],
    )
