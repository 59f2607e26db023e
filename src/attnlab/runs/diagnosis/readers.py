"""What a trained model makes of a batch of its test, in the terms in which its attention is diagnosed."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast, runtime_checkable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention import Look, Role
from attnlab.data import DetectionBatch, ImageBatch, TaggingBatch, TextPairBatch
from attnlab.models.classifiers.image_classifier import ImageMaps
from attnlab.models.classifiers.predictor import ClassifyingPredictor
from attnlab.models.special_tokens import EOS, PAD
from attnlab.models.taggers.tagger import word_mask
from attnlab.tasks.task import Task
from attnlab.tasks.writing.token_loss import token_loss


class Reader(Protocol):
    """Runs a model on batches of one kind. Numbers come in float64 and, as not every device has it, on the CPU."""

    def run(self, batch: Any) -> Tensor:
        """The log-probability (B,) of what is right, in nats a token, word or image, as its attention is now."""
        ...

    def real_queries(self, batch: Any, look: Look) -> Tensor | None:
        """Which queries (B, Tq) of a look aren't padding; None for all."""
        ...


@runtime_checkable
class DeletingReader(Reader, Protocol):
    """One of a model whose input's parts are keys of its attention, of which one map can be made."""

    def deletable(self, batch: Any) -> Tensor:
        """Which parts of the inputs (B, n) are neither padding nor special."""
        ...

    def maps(self, batch: Any, looks: Sequence[Look]) -> Tensor | None:
        """What each part gets of the attention (B, n), by what was seen while the batch ran; None where none is paid.

        Not called while others watch.
        """
        ...

    def masks(self, batch: Any, kept: Tensor) -> Mapping[Role, Tensor]:
        """The masks of keys by which the inputs (B, n) that aren't `kept` are out of reach."""
        ...


class TextPairReader:
    """Of a model that writes: the reference's tokens are given, and its attention to the source counts.

    The map is that of the last layer of cross-attention, as in its pictures, over the heads' and the tokens' mean.
    """

    def __init__(self, task: Task[Any]) -> None:
        self.model = task.model

    def run(self, batch: TextPairBatch) -> Tensor:
        logits = self.model(batch.source, batch.target[:, :-1])
        total, count = _exact(token_loss(logits, batch.target[:, 1:], label_smoothing=0.0).of_rows()).unbind(1)
        return -total / count.clamp(min=1)

    def real_queries(self, batch: TextPairBatch, look: Look) -> Tensor | None:
        return look.key_mask if look.role == "self" else batch.target[:, 1:] != PAD

    def deletable(self, batch: TextPairBatch) -> Tensor:
        return (batch.source != PAD) & (batch.source != EOS)

    def maps(self, batch: TextPairBatch, looks: Sequence[Look]) -> Tensor | None:
        aligned = self.alignments(looks)
        if aligned is None:
            return None
        return _mean_of_queries(aligned, (batch.target[:, 1:] != PAD).cpu())

    def alignments(self, looks: Sequence[Look]) -> Tensor | None:
        """What each target token gave to each of the source (B, Tt, Ts), as shares, the heads' mean."""
        crossing = [look for look in looks if look.role == "cross"]
        return shares_of(crossing[-1].weights) if crossing else None

    def masks(self, batch: TextPairBatch, kept: Tensor) -> Mapping[Role, Tensor]:
        return {"self": kept, "cross": kept}


class TaggingReader:
    """Of a tagger; the map is its last layer's, over the heads' and the words' mean."""

    def __init__(self, task: Task[Any]) -> None:
        self.model = task.model

    def run(self, batch: TaggingBatch) -> Tensor:
        mask = word_mask(batch.words)
        losses = self.model.label_scores(self.model(batch.words, batch.characters), batch.labels, mask)
        return -_exact(losses) / mask.sum(dim=1).cpu()

    def real_queries(self, batch: TaggingBatch, look: Look) -> Tensor | None:
        return word_mask(batch.words)

    def deletable(self, batch: TaggingBatch) -> Tensor:
        return word_mask(batch.words)

    def maps(self, batch: TaggingBatch, looks: Sequence[Look]) -> Tensor | None:
        if not looks:
            return None
        mask = word_mask(batch.words).cpu()
        arranged: Tensor = self.model.reading.arrange(_mean_of_queries(shares_of(looks[-1].weights), mask), mask)
        return arranged

    def masks(self, batch: TaggingBatch, kept: Tensor) -> Mapping[Role, Tensor]:
        arranged: Tensor = self.model.reading.arrange(kept, word_mask(batch.words))
        return {self.model.reading.role: arranged}


class ImageReader:
    """Of a classifier, whatever its attention is over."""

    def __init__(self, task: Task[Any]) -> None:
        self.model = task.model

    def run(self, batch: ImageBatch) -> Tensor:
        return -_exact(F.cross_entropy(self.model(batch.images).float(), batch.labels, reduction="none"))

    def real_queries(self, batch: ImageBatch, look: Look) -> Tensor | None:
        return None


@runtime_checkable
class _Gridded(Protocol):
    """An image classifier whose attention's keys are the cells of one grid over the image, after some extra ones."""

    grid: tuple[int, int]
    num_extra: int

    def image_maps(self, images: Tensor) -> ImageMaps: ...


class GridReader(ImageReader):
    """Of a classifier that attends to the cells of a grid; the map is the first that it shows, over the heads' mean."""

    model: _Gridded

    def deletable(self, batch: ImageBatch) -> Tensor:
        height, width = self.model.grid
        return torch.ones(len(batch.images), height * width, dtype=torch.bool, device=batch.images.device)

    def maps(self, batch: ImageBatch, looks: Sequence[Look]) -> Tensor | None:
        over_image = self.model.image_maps(batch.images).over_image
        return _exact(next(iter(over_image.values()))).mean(dim=1).flatten(1) if over_image else None

    def masks(self, batch: ImageBatch, kept: Tensor) -> Mapping[Role, Tensor]:
        whole = F.pad(kept, (self.model.num_extra, 0), value=True)
        return {"self": whole, "cross": whole}


class DetectionReader:
    """Of a detector, whose attention has no one map over the image; nothing is scored."""

    def __init__(self, task: Task[Any]) -> None:
        self.model = task.model

    def run(self, batch: DetectionBatch) -> Tensor:
        self.model(batch.images, batch.extents)
        return torch.zeros(len(batch.images))

    def real_queries(self, batch: DetectionBatch, look: Look) -> Tensor | None:
        return look.key_mask if look.role == "self" else None


def reader_of(task: Task[Any], batch: Any) -> Reader | None:
    """The reader for a task's batches; None of a kind that isn't answered, or not known."""
    if isinstance(batch, TextPairBatch):
        return TextPairReader(task)
    if isinstance(batch, TaggingBatch):
        return TaggingReader(task)
    if isinstance(batch, DetectionBatch):
        return DetectionReader(task)
    if isinstance(batch, ImageBatch) and isinstance(task.predictor, ClassifyingPredictor):
        return GridReader(task) if isinstance(task.model, _Gridded) else ImageReader(task)
    return None


def network_of(task: Task[Any]) -> nn.Module:
    """The model as the module that it is."""
    return cast(nn.Module, task.model)


def shares_of(weights: Tensor) -> Tensor:
    """The heads' mean (B, Tq, Tk) of what each key gets, as shares, of weights (B, H, Tq, Tk); zeros of none."""
    positive = _exact(weights).clamp(min=0)
    return (positive / positive.sum(-1, keepdim=True).clamp(min=torch.finfo(torch.float64).tiny)).mean(dim=1)


def _mean_of_queries(shares: Tensor, real: Tensor) -> Tensor:
    """(B, Tk) of (B, Tq, Tk), over the queries that are `real` (B, Tq)."""
    return (shares * real.unsqueeze(2)).sum(1) / real.sum(1, keepdim=True).clamp(min=1)


def _exact(values: Tensor) -> Tensor:
    return values.detach().to("cpu", torch.float64)
