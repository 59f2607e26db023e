"""What a task hands out besides its metrics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from torch import Tensor

from attnlab.tasks.processes import gathered


class Prediction(TypedDict):
    """One line of `predictions.jsonl`, and of `attnlab predict --json` (which has no target)."""

    id: int
    input: str
    output: Any  # a text, or what the task finds in one
    target: Any
    score: float
    details: dict[str, Any]


@dataclass(frozen=True)
class AttentionPicture:
    """Weights (H, Tq, Tk) with the labels of their rows and columns, and each row's chance of being copied, if any."""

    name: str
    title: str
    weights: Tensor
    query_labels: Sequence[str]
    key_labels: Sequence[str]
    copy_probabilities: Sequence[float] | None = None


@dataclass(frozen=True)
class ImagePicture:
    """An image (C, H, W) of bytes, and weights over it: maps (h, w) of a grid laid over the whole, by name.

    `strided` maps' places j lie over pixels stride * j; the cells of others tile the image.
    """

    name: str
    title: str
    image: Tensor
    maps: Mapping[str, Tensor]
    strided: bool = False


@dataclass(frozen=True)
class ChannelPicture:
    """What a net's layers weigh their channels with, (C,) by layer, for one image."""

    name: str
    title: str
    weights: Mapping[str, Tensor]


@dataclass(frozen=True)
class QueryPicture:
    """Images (N, C, H, W) of bytes, and what a few places in each look at.

    Maps (N, Q, h, w) are of a grid over the whole image, in which the Q places are cells (row, column).
    """

    name: str
    title: str
    images: Tensor
    maps: Tensor
    places: Sequence[tuple[int, int]]


@dataclass(frozen=True)
class BoxesPicture:
    """An image (C, H, W) of bytes with the objects found in it and those that are there (None: unknown).

    Objects have `label`, `box` (corners in the image's pixels) and, where found, `score`.
    """

    name: str
    title: str
    image: Tensor
    classes: Sequence[str]
    found: Sequence[Mapping[str, Any]]
    target: Sequence[Mapping[str, Any]] | None


@dataclass(frozen=True)
class Confusion:
    """How often what is `labels[i]` was taken for `labels[j]`: `counts[i][j]`. The name says what was counted."""

    name: str
    labels: Sequence[str]
    counts: Sequence[Sequence[int]]


def gather_predictions(mine: Sequence[Prediction]) -> list[Prediction]:
    """The predictions of all processes, in the order of their ids, each once."""
    unique = {prediction["id"]: prediction for part in gathered(list(mine)) for prediction in part}
    return [unique[key] for key in sorted(unique)]
