"""Language modelling: the next token of texts, scored by bits a byte and perplexity, near and far in the context."""

import inspect
import math
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import torch
import torch.nn.functional as F
from lightning.pytorch import Trainer
from torch import Tensor

from attnlab.attention import Segments
from attnlab.data.language.batch import IGNORED, LanguageBatch
from attnlab.data.language.codec import LanguageCodec
from attnlab.data.language.module import LanguageModellingDataModule
from attnlab.data.module import DataModule
from attnlab.errors import UserError, between
from attnlab.metrics.records.contract import Records, Score
from attnlab.models.language_models.language_model import LanguageModel
from attnlab.models.language_models.predictor import LanguagePredictor
from attnlab.models.predictors import Prediction
from attnlab.models.special_tokens import PAD, UNK
from attnlab.reporting.pictures import AttentionPicture, spread
from attnlab.tasks.task import Better, Learning, Monitored, Scores, Task, data_of
from attnlab.tasks.training.running_mean import RunningMean
from attnlab.tasks.writing.token_loss import perplexity

MEASURED: dict[str, Better] = {
    "val/loss": "min",
    "val/perplexity": "min",
    "val/bits_per_byte": "min",
    "val/accuracy": "max",
}
MOST_SAMPLES = 16  # texts written in validation and in the test; no answers that could be told alike


class LanguageModellingTask(Task[LanguagePredictor]):
    """Trains a language model on cross-entropy, in nats a token, each read with those before it in its block.

    `loss`, `perplexity` and `accuracy` are of contexts as long as the blocks of training, and so is `bits_per_byte`,
    which can be compared across vocabularies that know all letters; it is measured where the data says how many bytes
    its tokens stand for, and leaves out unknown ones, bits and bytes.
    In the test, whose blocks may be longer, `loss_2x` and so on are of the same tokens in blocks of twice that length,
    and `loss_at_64` is of those that have 33 to 64 tokens to be predicted from, of the shortest blocks that hold such.
    Where texts are to be apart, those are of the token's own text, and what is continued is half of one text.

    Args:
        num_samples: beginnings of test blocks that are continued, and of validation's, half a context each.
        temperature, top_k, top_p: how these, and those of `attnlab predict`, are drawn.
        max_tokens: most tokens that `attnlab predict` writes.

    Raises:
        ValueError: a number out of its range, a metric that isn't measured, or a mode that isn't its.
    """

    unit = "tokens"
    predictor_type = LanguagePredictor
    codec_type = LanguageCodec
    model_members = ("forward", "advance", "context_length", "max_length")
    model: LanguageModel
    codec: LanguageCodec

    def __init__(
        self,
        model: LanguageModel,
        codec: LanguageCodec,
        *,
        optimizer: Callable[..., Any],
        scheduler: Callable[..., Any],
        monitor: str,
        mode: Literal["min", "max"],
        clip_norm: float | None,
        num_samples: int,
        temperature: float,
        top_k: int | None,
        top_p: float | None,
        max_tokens: int,
    ) -> None:
        between(0, MOST_SAMPLES, "task", num_samples=num_samples)
        predictor = LanguagePredictor(
            model, codec, temperature=temperature, top_k=top_k, top_p=top_p, max_tokens=max_tokens
        )
        super().__init__(predictor, Learning(optimizer, scheduler, clip_norm), Monitored(monitor, mode, MEASURED))
        self.num_samples = num_samples
        self.accuracy = {split: RunningMean() for split in self.losses}
        self.bits = {split: RunningMean() for split in ("val", "test")}
        self.resumed["train_accuracy"] = self.accuracy["train"]
        self._sampled: frozenset[int] = frozenset()
        self._longest = 0  # tokens of a block of the test

    def check_data(self, data: DataModule, trainer: Trainer) -> None:
        """UserError for a model that would read on across texts which are to be apart."""
        self._check_apart(data)

    def setup(self, stage: str) -> None:
        self._check_apart(data_of(self.trainer))  # of an evaluation, which has no `check_data`

    def _check_apart(self, data: DataModule) -> None:
        apart = isinstance(data, LanguageModellingDataModule) and data.texts_apart
        forward = self.networks["model"].forward
        if apart and "segments" not in inspect.signature(forward).parameters:
            raise UserError(
                f"texts are apart for a model whose forward takes segments, got {type(self.model).__name__}, which "
                "doesn't (set data.texts_apart=false)"
            )

    # Training

    def training_step(self, batch: LanguageBatch, batch_idx: int) -> Tensor:
        losses, hits = self._read(batch.tokens, batch.targets, batch.segments)
        num_tokens = (batch.targets != IGNORED).sum()
        self.losses["train"].add(losses.detach().sum(), num_tokens)
        self.accuracy["train"].add(hits.sum(), num_tokens)
        return losses.sum() / num_tokens

    def train_scores(self) -> Scores:
        means = {"loss": self.losses, "accuracy": self.accuracy}
        return self.with_rate({name: self.taken(mean["train"]) for name, mean in means.items()})

    def count(self, batch: LanguageBatch) -> tuple[Tensor, int]:
        """Tokens that are read, and all cells."""
        return (batch.tokens != PAD).sum(), batch.tokens.numel()

    def _read(self, tokens: Tensor, targets: Tensor, segments: Tensor | None) -> tuple[Tensor, Tensor]:
        """-log p of each target (B, T), 0 where there is none, and whether it was the most probable one."""
        logits = (self.model(tokens) if segments is None else self.model(tokens, segments)).float()
        losses = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED, reduction="none")
        return losses.view_as(targets), logits.detach().argmax(dim=2) == targets

    # Validation and test

    def on_validation_start(self) -> None:
        self._choose("val")

    def validation_step(self, batch: LanguageBatch, batch_idx: int) -> None:
        self._evaluate(batch, "val")

    def on_validation_epoch_end(self) -> None:
        scores = self.concluded("val")
        if self.bits["val"].weight:
            scores["bits_per_byte"] = self.taken(self.bits["val"])
        scores |= {"perplexity": perplexity(scores["loss"]), "accuracy": self.taken(self.accuracy["val"])}
        self.report("val", scores, bar=["loss"])

    def on_test_start(self) -> None:
        self._choose("test")

    def test_step(self, batch: LanguageBatch, batch_idx: int) -> None:
        rows = self._evaluate(batch, "test")
        self._longest = max(self._longest, batch.tokens.shape[1])
        times = 2
        while times * self.model.context_length <= min(batch.tokens.shape[1], self.model.max_length):
            read = self._in_pieces(batch, times * self.model.context_length)
            rows[f"loss_{times}x"] = _sums(read.losses, read.real)
            rows |= self._by_position(read, beyond=times * self.model.context_length // 2)
            times *= 2
        for name, values in rows.items():
            self.statistics.add(name, batch.ids, values)

    def on_test_epoch_end(self) -> None:
        scores = self.concluded("test")
        scores["perplexity"] = perplexity(scores["loss"])
        scores |= {name: self.statistics.mean(name, otherwise=math.nan) for name in self._scored()}
        if self._longest > self.model.max_length:
            message = (
                f"blocks of {self._longest} tokens are tested in contexts of {self.model.max_length} alone, of which "
                "the model has positions (set model.positions to sinusoidal or none)"
            )
            self.warnings.append({"kind": "longer_contexts_left_out", "message": message})
        self.report("test", scores, bar=["loss"])

    def records(self) -> Records:
        """Sums of losses, hits and bits, and of how many tokens or bytes they are."""
        scores = {name: Score("mean", name) for name in ("loss", *self._scored())}
        return Records(self.statistics, scores | {"perplexity": Score("exp_mean", "loss")})

    def _scored(self) -> list[str]:
        """Statistics, besides the loss, that aren't empty."""
        names = list(next(iter(self.statistics.values()), {}))
        weights = {name: sum(row[name][1] for row in self.statistics.values()) for name in names}
        return [name for name in names if name != "loss" and weights[name]]

    def _choose(self, split: str) -> None:
        """The blocks of an evaluation whose beginnings are continued, spread over all."""
        num_examples = data_of(self.trainer).num_examples(split)
        self._sampled = frozenset(spread(num_examples, self.num_samples) if self.num_samples else [])

    def _evaluate(self, batch: LanguageBatch, split: str) -> dict[str, Tensor]:
        """Of contexts as in training: each block's sums, and the weights that they stand for, (B, 2), by name."""
        read = self._in_pieces(batch, self.model.context_length)
        losses, real, hits, _ = read
        rows = {"loss": _sums(losses, real), "accuracy": _sums(hits.float(), real)}
        if batch.bytes is not None:
            # Of an unknown letter nobody knows the bytes, and UNK costs less than to tell which letter it is.
            known = losses.flatten(1)[:, : batch.targets.shape[1]].masked_fill(batch.targets == UNK, 0)
            bits = known.sum(dim=1) / math.log(2)
            rows["bits_per_byte"] = torch.stack([bits, batch.bytes.sum(dim=1).float()], dim=1)
            self.bits[split].add(*rows["bits_per_byte"].sum(dim=0))
        self.losses[split].add(*rows["loss"].sum(dim=0))
        self.accuracy[split].add(*rows["accuracy"].sum(dim=0))
        self._write_some(batch, split)
        return rows | (self._by_position(read, beyond=0) if split == "test" else {})

    def _in_pieces(self, batch: LanguageBatch, length: int) -> "_Read":
        """Blocks read in pieces of a length."""
        lacking = -batch.tokens.shape[1] % length if batch.tokens.shape[1] > length else 0
        tokens = F.pad(batch.tokens, (0, lacking), value=PAD)
        targets = F.pad(batch.targets, (0, lacking), value=IGNORED)
        length = min(length, tokens.shape[1])
        segments = None
        if batch.segments is not None:
            segments = F.pad(batch.segments, (0, lacking), value=-1).view(-1, length)
        losses, hits = self._read(tokens.view(-1, length), targets.view(-1, length), segments)
        shape = (len(tokens), -1, length)
        places = None if segments is None else Segments(segments).places.view(shape)
        return _Read(losses.view(shape), (targets != IGNORED).view(shape), hits.view(shape), places)

    @staticmethod
    def _by_position(read: "_Read", *, beyond: int) -> dict[str, Tensor]:
        """The losses of contexts of 1 token, of 2, of 3 to 4, of 5 to 8 and so on, of those longer than `beyond`."""
        rows, end, length = {}, 1, read.losses.shape[2]
        while end < 2 * length:
            start = end // 2
            if start >= beyond:
                rows[f"loss_at_{end}"] = read.sums(start, end)
            end *= 2
        return rows

    # Samples

    def _write_some(self, batch: LanguageBatch, split: str) -> None:
        for row, number in enumerate(batch.ids.tolist()):
            if number in self._sampled:
                segments = None if batch.segments is None else batch.segments[row]
                self.predicted[split].append(self._written(number, batch.tokens[row], batch.targets[row], segments))

    def _written(self, number: int, tokens: Tensor, targets: Tensor, segments: Tensor | None) -> Prediction:
        """What is given of a context, and what was written after it, beside what stands there."""
        length = self.model.context_length
        if segments is not None:
            own = _longest(segments[tokens != PAD][:length])
            tokens, targets = tokens[: len(own)][own], targets[: len(own)][own]
        whole, num_given = parted(tokens, targets, length=length)
        given = whole[:num_given]
        [drawn] = self.predictor.draw(given, [number], max_tokens=max(1, len(whole) - len(given)))
        found = self.predictor.prediction(number, self.codec.continuation(given, 0), given, drawn)
        found["target"] = self.codec.continuation(whole, len(given))
        return found

    def attention_pictures(self, num: int, data: Any) -> list[AttentionPicture]:
        """Of the beginnings of `num` of the blocks that were continued."""
        return self.predictor.pictures_of_some(self.predictions, num)


class _Read(NamedTuple):
    """Of blocks in pieces, (B, pieces, length)."""

    losses: Tensor
    real: Tensor  # where targets are
    hits: Tensor
    places: Tensor | None  # tokens of its text before each; None: all of the piece

    def sums(self, start: int, end: int) -> Tensor:
        """Of the losses at these places, (B, 2)."""
        if self.places is None:
            return _sums(self.losses[:, :, start:end], self.real[:, :, start:end])
        return _sums(self.losses, self.real & (start <= self.places) & (self.places < end))


def _longest(segments: Tensor) -> Tensor:
    """Where the segment of a block (T,) stands that has most tokens, the first of equals."""
    numbers = Segments(segments.unsqueeze(0)).numbers[0]
    return numbers == numbers.bincount().argmax()


def _sums(values: Tensor, real: Tensor) -> Tensor:
    """Of each row (B, ...) the sum of those values that are real, and how many they are: (B, 2)."""
    kept = values.detach().masked_fill(~real, 0).flatten(1)
    return torch.stack([kept.sum(dim=1), real.flatten(1).sum(dim=1).to(kept.dtype)], dim=1)


def parted(tokens: Tensor, targets: Tensor, *, length: int) -> tuple[list[int], int]:
    """The ids of a context, at most `length` of a block (T,), and how many are given: half, the rest is written.

    Where nothing is asked before the end, as of sequences that are made up, all are given, and the answer follows.
    """
    whole = tokens[tokens != PAD].tolist()[:length]
    first = int((targets != IGNORED).nonzero()[0])
    if first == len(whole) - 1:
        return [*whole, int(targets[first])], len(whole)
    return whole, max(1, len(whole) // 2)
