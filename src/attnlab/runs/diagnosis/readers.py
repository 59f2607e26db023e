"""What a trained model makes of a batch of its test, in the terms in which its attention is diagnosed."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast, runtime_checkable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention import Look, Role
from attnlab.data import DetectionBatch, ImageBatch, LanguageBatch, TaggingBatch, TextPairBatch
from attnlab.data.language.batch import IGNORED
from attnlab.models.classifiers.image_classifier import ImageMaps
from attnlab.models.classifiers.predictor import ClassifyingPredictor
from attnlab.models.special_tokens import EOS, PAD, UNK
from attnlab.models.taggers.tagger import word_mask
from attnlab.tasks.task import Task
from attnlab.tasks.writing.token_loss import token_loss


class Reader(Protocol):
    """Runs a model on batches of one kind. Numbers come in float64 and, as not every device has it, on the CPU."""

    def run(self, batch: Any) -> Tensor:
        """The log-probability (B, Q) in nats of each output that is right: a token, a word's label, an image's class.

        As the model's attention is now, which others may have changed. 0 for padding.
        """
        ...

    def real_queries(self, batch: Any, look: Look) -> Tensor | None:
        """Which queries (B, Tq) of a look aren't padding; None for all."""
        ...


@runtime_checkable
class DeletingReader(Reader, Protocol):
    """One of a model whose input's parts are keys of its attention, of which each output has one map."""

    def deletable(self, batch: Any) -> Tensor:
        """Which parts of the input (B, Q, n) can be taken from each output: not padding, nor special, nor unseen."""
        ...

    def maps(self, batch: Any, looks: Sequence[Look]) -> Tensor | None:
        """What each part gets for each output (B, Q, n), by what was seen while the batch ran; None without attention.

        Not called while others watch.
        """
        ...

    def kept(self, batch: Any, kept: Tensor) -> Mapping[Role, Tensor]:
        """What `delete_keys` takes to keep these parts (B, Q, n) alone for each output."""
        ...


class TextPairReader:
    """Of a model that writes, whose outputs are the reference's tokens, each after those before it.

    The map is that of the last layer of cross-attention, the heads' mean, as in its pictures. What is taken from a
    token is out of its query's reach in all layers of cross-attention.
    """

    def __init__(self, task: Task[Any]) -> None:
        self.model = task.model

    def run(self, batch: TextPairBatch) -> Tensor:
        found = token_loss(self.model(batch.source, batch.target[:, :-1]), batch.target[:, 1:], label_smoothing=0.0)
        return -_exact(found.losses).masked_fill(~found.real.cpu(), 0.0)

    def real_queries(self, batch: TextPairBatch, look: Look) -> Tensor | None:
        return look.key_mask if look.role == "self" else batch.target[:, 1:] != PAD

    def deletable(self, batch: TextPairBatch) -> Tensor:
        words = (batch.source != PAD) & (batch.source != EOS)
        return words.unsqueeze(1) & (batch.target[:, 1:] != PAD).unsqueeze(2)

    def maps(self, batch: TextPairBatch, looks: Sequence[Look]) -> Tensor | None:
        crossing = [look for look in looks if look.role == "cross"]
        return shares_of(crossing[-1].weights) if crossing else None

    def kept(self, batch: TextPairBatch, kept: Tensor) -> Mapping[Role, Tensor]:
        return {"cross": kept}


class TaggingReader:
    """Of a tagger, whose outputs are the words' labels; the map is its last layer's, the heads' mean.

    What is taken from a word is out of its query's reach in all layers.
    """

    def __init__(self, task: Task[Any]) -> None:
        self.model = task.model

    def run(self, batch: TaggingBatch) -> Tensor:
        mask = word_mask(batch.words)
        log_probs = self.model(batch.words, batch.characters).float().log_softmax(2)
        found = log_probs.gather(2, batch.labels.masked_fill(~mask, 0).unsqueeze(2)).squeeze(2)
        return _exact(found.masked_fill(~mask, 0.0))

    def real_queries(self, batch: TaggingBatch, look: Look) -> Tensor | None:
        return word_mask(batch.words)

    def deletable(self, batch: TaggingBatch) -> Tensor:
        mask = word_mask(batch.words)
        seen = torch.ones(mask.size(1), mask.size(1), dtype=torch.bool, device=mask.device)
        if not self.model.reading.bidirectional:
            seen = seen.tril() if self.model.reading.direction == "forward" else seen.triu()
        return mask.unsqueeze(1) & mask.unsqueeze(2) & seen

    def maps(self, batch: TaggingBatch, looks: Sequence[Look]) -> Tensor | None:
        return self._arranged(batch, shares_of(looks[-1].weights)) if looks else None

    def kept(self, batch: TaggingBatch, kept: Tensor) -> Mapping[Role, Tensor]:
        return {self.model.reading.role: self._arranged(batch, kept)}

    def _arranged(self, batch: TaggingBatch, pairs: Tensor) -> Tensor:
        """Pairs of words (B, T, T) between the sentence's order and that of reading."""
        mask = word_mask(batch.words).to(pairs.device)
        by_query: Tensor = self.model.reading.arrange(pairs, mask)
        by_key: Tensor = self.model.reading.arrange(by_query.transpose(1, 2), mask)
        return by_key.transpose(1, 2)


class LanguageReader:
    """Of a language model, whose outputs are the tokens that follow, in a context as in training.

    The map is its last layer's, the heads' mean. What is taken from a token is out of its reach in all layers; it
    keeps itself.
    """

    def __init__(self, task: Task[Any]) -> None:
        self.model = task.model

    def run(self, batch: LanguageBatch) -> Tensor:
        tokens, targets = self._read(batch)
        log_probs = self.model(tokens).float().log_softmax(2)
        found = log_probs.gather(2, targets.clamp(min=0).unsqueeze(2)).squeeze(2)
        return _exact(found.masked_fill(targets == IGNORED, 0.0))

    def real_queries(self, batch: LanguageBatch, look: Look) -> Tensor | None:
        return self._read(batch)[1] != IGNORED

    def deletable(self, batch: LanguageBatch) -> Tensor:
        tokens, targets = self._read(batch)
        before = torch.ones(tokens.size(1), tokens.size(1), dtype=torch.bool, device=tokens.device).tril(-1)
        return before & (targets != IGNORED).unsqueeze(2) & (tokens >= UNK).unsqueeze(1)

    def maps(self, batch: LanguageBatch, looks: Sequence[Look]) -> Tensor | None:
        return shares_of(looks[-1].weights) if looks else None

    def kept(self, batch: LanguageBatch, kept: Tensor) -> Mapping[Role, Tensor]:
        return {"causal": kept | torch.eye(kept.size(1), dtype=torch.bool, device=kept.device)}

    def _read(self, batch: LanguageBatch) -> tuple[Tensor, Tensor]:
        """Tokens and targets of the beginnings of blocks; where texts are to be apart, targets of the first alone."""
        length = self.model.context_length
        tokens, targets = batch.tokens[:, :length], batch.targets[:, :length]
        if batch.segments is not None:  # later texts stand ahead, where no causal model sees them
            targets = targets.masked_fill(batch.segments[:, :length] != batch.segments[:, :1], IGNORED)
        return tokens, targets


class ImageReader:
    """Of a classifier, whose output is the class, whatever its attention is over."""

    def __init__(self, task: Task[Any]) -> None:
        self.model = task.model

    def run(self, batch: ImageBatch) -> Tensor:
        losses = F.cross_entropy(self.model(batch.images).float(), batch.labels, reduction="none")
        return -_exact(losses).unsqueeze(1)

    def real_queries(self, batch: ImageBatch, look: Look) -> Tensor | None:
        return None


@runtime_checkable
class Gridded(Protocol):
    """An image classifier whose attention's keys are the cells of one grid over the image, after some extra ones."""

    grid: tuple[int, int]
    num_extra: int

    def image_maps(self, images: Tensor) -> ImageMaps: ...


class GridReader(ImageReader):
    """Of a classifier that attends to the cells of a grid; the map is the first that it shows, the heads' mean.

    What is taken from it is out of every query's reach in all layers.
    """

    model: Gridded

    def deletable(self, batch: ImageBatch) -> Tensor:
        height, width = self.model.grid
        return torch.ones(len(batch.images), 1, height * width, dtype=torch.bool, device=batch.images.device)

    def maps(self, batch: ImageBatch, looks: Sequence[Look]) -> Tensor | None:
        over_image = self.model.image_maps(batch.images).over_image
        if not over_image:
            return None
        return _exact(next(iter(over_image.values()))).mean(dim=1, keepdim=True).flatten(2)

    def kept(self, batch: ImageBatch, kept: Tensor) -> Mapping[Role, Tensor]:
        whole = F.pad(kept, (self.model.num_extra, 0), value=True)
        return {"self": whole, "cross": whole}


class DetectionReader:
    """Of a detector, whose attention has no one map over the image; nothing is scored."""

    def __init__(self, task: Task[Any]) -> None:
        self.model = task.model

    def run(self, batch: DetectionBatch) -> Tensor:
        self.model(batch.images, batch.extents)
        return torch.zeros(len(batch.images), 1)

    def real_queries(self, batch: DetectionBatch, look: Look) -> Tensor | None:
        return look.key_mask if look.role == "self" else None


def reader_of(task: Task[Any], batch: Any) -> Reader | None:
    """The reader for a task's batches; None of a kind that isn't answered, or not known."""
    if isinstance(batch, TextPairBatch):
        return TextPairReader(task)
    if isinstance(batch, TaggingBatch):
        return TaggingReader(task)
    if isinstance(batch, LanguageBatch):
        return LanguageReader(task)
    if isinstance(batch, DetectionBatch):
        return DetectionReader(task)
    if isinstance(batch, ImageBatch) and isinstance(task.predictor, ClassifyingPredictor):
        return GridReader(task) if isinstance(task.model, Gridded) else ImageReader(task)
    return None


def network_of(task: Task[Any]) -> nn.Module:
    """The model as the module that it is."""
    return cast(nn.Module, task.model)


def shares_of(weights: Tensor) -> Tensor:
    """The heads' mean (B, Tq, Tk) of what each key gets, as shares, of weights (B, H, Tq, Tk); zeros of none."""
    positive = _exact(weights).clamp(min=0)
    return (positive / positive.sum(-1, keepdim=True).clamp(min=torch.finfo(torch.float64).tiny)).mean(dim=1)


def _exact(values: Tensor) -> Tensor:
    return values.detach().cpu().double()
