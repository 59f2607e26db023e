"""What tasks that write texts evaluate alike: which texts are written in validation, and how they are recorded."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor

from attnlab.data import TextPairBatch
from attnlab.models.encoder_decoders.decoding import Hypothesis
from attnlab.models.encoder_decoders.predictor import WritingPredictor
from attnlab.models.predictors import Prediction
from attnlab.models.special_tokens import PAD
from attnlab.tasks.task import Better

# What models that write are asked for.
MODEL_MEMBERS = ("start", "step", "max_source_length", "max_target_length")


class HasReferences(Protocol):
    """Data whose examples of val and test have texts that people wrote."""

    def num_examples(self, split: str) -> int: ...

    def references(self, split: str, number: int) -> list[str]: ...


def measured(quality: Mapping[str, Better], *, written: int) -> dict[str, Better]:
    """What validation measures: the quality of texts only where some are written."""
    always: dict[str, Better] = {"val/loss": "min", "val/perplexity": "min"}
    return always | (dict(quality) if written else {})


def count_tokens(batch: TextPairBatch) -> tuple[Tensor, int]:
    """Real tokens of both sides of the batch, and all its cells."""
    return (batch.source != PAD).sum() + (batch.target != PAD).sum(), batch.source.numel() + batch.target.numel()


def references_of(predictions: Sequence[Prediction]) -> list[list[str]]:
    """The texts, one or more, that people wrote for each."""
    return [each["details"].get("references", [each["target"]]) for each in predictions]


class Writer:
    """Writes the texts of a test, and of about `num_in_validation` of a validation's examples, greedily.

    For a blank source a blank text, as in `predict`.
    """

    def __init__(self, predictor: WritingPredictor, *, num_in_validation: int) -> None:
        self.predictor, self.num_in_validation = predictor, num_in_validation
        self._every = 1

    def begin_validation(self, *, num_examples: int) -> None:
        """Of so many examples."""
        self._every = max(1, num_examples // max(1, self.num_in_validation))

    def is_turn(self, ids: Tensor) -> Tensor:
        """Of which of a validation's examples something is written."""
        return ids % self._every == 0

    def some_references(self, data: HasReferences) -> list[list[str]]:
        """Of those examples, before any validation."""
        self.begin_validation(num_examples=data.num_examples("val"))
        return [data.references("val", number) for number in range(0, data.num_examples("val"), self._every)]

    def some(self, batch: TextPairBatch) -> list[Prediction]:
        """Predictions of those of a validation's batch whose turn it is."""
        if not self.num_in_validation:
            return []
        # The order is by length: every k-th id is a fair sample of the whole split.
        chosen = self.is_turn(batch.ids)
        return self._written(batch, chosen, beam_size=1) if chosen.any() else []

    def all(self, batch: TextPairBatch) -> list[Prediction]:
        """Predictions of a test's batch."""
        everything = torch.ones_like(batch.ids, dtype=torch.bool)
        return self._written(batch, everything, beam_size=self.predictor.beam_size)

    def _written(self, batch: TextPairBatch, rows: Tensor, *, beam_size: int) -> list[Prediction]:
        assert batch.truth is not None
        written = torch.tensor([bool(truth.text.strip()) for truth in batch.truth], device=rows.device) & rows
        found = iter(self.predictor.search(batch.source[written], beam_size=beam_size) if written.any() else [])
        predictions = []
        for number, truth, chosen in zip(batch.ids.tolist(), batch.truth, rows.tolist(), strict=True):
            if not chosen:
                continue
            best = next(found) if truth.text.strip() else Hypothesis(ids=[], score=0.0, log_prob=0.0)
            each = self.predictor.prediction(number, truth.text, best)
            each["target"] = truth.references[0]
            if len(truth.references) > 1:
                each["details"]["references"] = truth.references
            if truth.name is not None:
                each["details"]["document"] = truth.name
            predictions.append(each)
        return predictions
