"""What is known of made-up data, beside what a model attended to in it."""

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from attnlab.data import ImageBatch, ImageClassificationDataModule, TextPairBatch, TranslationDataModule
from attnlab.data.module import DataModule
from attnlab.data.planted import KnowsAlignment, KnowsPlace
from attnlab.metrics.planted import Found, aligned, placed
from attnlab.metrics.records.contract import Score
from attnlab.models.special_tokens import BOS, EOS, PAD
from attnlab.runs.diagnosis.readers import GridReader, Reader, TextPairReader
from attnlab.tasks.task import Task


class Truth(Protocol):
    """Compares a batch's maps with it."""

    name: str

    def found(self, batch: Any, maps: Tensor) -> list[Found]:
        """Of each example of a batch, by its maps (B, Q, n)."""
        ...


class Alignment:
    """Which word translates which; of the last layer of cross-attention, the reference's words given."""

    name = "alignment"

    def __init__(self, knows: KnowsAlignment, codec: Any) -> None:
        self.knows = knows
        self.source_tokenizer, self.target_tokenizer = codec.source_tokenizer, codec.target_tokenizer

    def found(self, batch: TextPairBatch, maps: Tensor) -> list[Found]:
        found = []
        for row, number in enumerate(batch.ids.tolist()):
            source, target = (words[row][words[row] != PAD].tolist() for words in (batch.source, batch.target[:, 1:]))
            found.append(
                aligned(
                    maps[row, : len(target), : len(source)],
                    source_words=_words_of(source, self.source_tokenizer),
                    target_words=_words_of(target, self.target_tokenizer),
                    truth=self.knows.alignment("test", number),
                )
            )
        return found


class Patch:
    """Which patch of an image decides its class."""

    name = "place"

    def __init__(self, knows: KnowsPlace, grid: tuple[int, int]) -> None:
        self.knows, self.grid = knows, grid

    def found(self, batch: ImageBatch, maps: Tensor) -> list[Found]:
        return [
            placed(weights[0].unflatten(0, self.grid), self.knows.deciding("test", number))
            for number, weights in zip(batch.ids.tolist(), maps, strict=True)
        ]


def truth_of(data: DataModule, reader: Reader, task: Task[Any]) -> Truth | None:
    """What is known of this data, for a model whose maps can be compared with it."""
    if isinstance(data, TranslationDataModule) and isinstance(reader, TextPairReader):
        return Alignment(data.corpus, task.codec) if isinstance(data.corpus, KnowsAlignment) else None
    if isinstance(data, ImageClassificationDataModule) and isinstance(reader, GridReader):
        return Patch(data.source, reader.model.grid) if isinstance(data.source, KnowsPlace) else None
    return None


def scores_of(name: str) -> dict[str, Score]:
    """The scores of a truth."""
    return {f"{name}_share": Score("mean", f"{name}_share"), f"{name}_accuracy": Score("mean", f"{name}_accuracy")}


def statistics_of(name: str, found: Found) -> dict[str, Tensor]:
    """What an example adds to them."""
    values = {f"{name}_share": found.share, f"{name}_accuracy": found.hits}
    return {key: torch.tensor([[value, found.num]], dtype=torch.float64) for key, value in values.items()}


def _words_of(ids: Sequence[int], tokenizer: Any) -> list[int]:
    """Which word each token is of, by how many stand between spaces so far; -1 of marks of the end."""
    words = []
    for place, token in enumerate(ids):
        text = tokenizer.decode(ids[: place + 1])
        begun = len(text.split())
        # A space alone belongs to the word after it.
        whole = begun if not text or text[-1].isspace() else begun - 1
        words.append(-1 if token in (PAD, BOS, EOS) else whole)
    return words
