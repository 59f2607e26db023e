"""What is to be drawn: pictures as plain values, and which of many to show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import torch
from torch import Tensor

T = TypeVar("T")


@dataclass(frozen=True)
class AttentionPicture:
    """Weights (H, Tq, Tk), or (Tq, Tk), with the labels of their rows and columns.

    Attributes:
        copy_probabilities: of what may be copied, each row's chance of that.
        query_name, key_name: what rows and columns are.
        query_words, key_words: where labels are pieces of words, these words in order, and of how many labels each is.
        ended: whether the last row and column are the mark of a text's end.
        notes: what else is to be said of it.
    """

    name: str
    title: str
    weights: Tensor
    query_labels: Sequence[str]
    key_labels: Sequence[str]
    copy_probabilities: Sequence[float] | None = None
    query_name: str = ""
    key_name: str = ""
    query_words: Sequence[tuple[str, int]] = ()
    key_words: Sequence[tuple[str, int]] = ()
    ended: bool = False
    notes: Sequence[str] = ()


def merged(
    picture: AttentionPicture, *, rows: Sequence[tuple[str, int]], columns: Sequence[tuple[str, int]]
) -> AttentionPicture:
    """The picture with new labels, each of which stands for so many of the rows, or columns, that there were.

    A column's weight is the sum of those that it stands for, what all of them were given; a row is the mean, so that it
    sums to what they did; and so is its chance of copying.
    """
    per_row, per_column = ([count for _, count in each] for each in (rows, columns))
    weights = torch.stack([part.sum(dim=-1) for part in torch.split(picture.weights, per_column, dim=-1)], dim=-1)
    weights = torch.stack([part.mean(dim=-2) for part in torch.split(weights, per_row, dim=-2)], dim=-2)
    copying = picture.copy_probabilities
    if copying is not None:
        copying = [float(part.mean()) for part in torch.split(torch.tensor(copying), per_row)]
    return replace(
        picture,
        weights=weights,
        query_labels=[label for label, _ in rows],
        key_labels=[label for label, _ in columns],
        copy_probabilities=copying,
        query_words=(),
        key_words=(),
    )


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

    Maps (N, Q, h, w) are of a grid over the whole image, in which the Q places are cells (row, column). Images have
    names, or none.
    """

    name: str
    title: str
    images: Tensor
    maps: Tensor
    places: Sequence[tuple[int, int]]
    names: Sequence[str] = ()


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
class LabelledPicture:
    """An image (C, H, W) of bytes and the classes most likely on it, with their probabilities, the best first."""

    name: str
    title: str
    image: Tensor
    top: Sequence[tuple[str, float]]


@dataclass(frozen=True)
class Confusion:
    """How often what is `labels[i]` was predicted to be `labels[j]`, as `counts[i][j]`; what, the title says."""

    name: str
    labels: Sequence[str]
    counts: Sequence[Sequence[int]]
    title: str = ""


@dataclass(frozen=True)
class Curves:
    """How a run's scores moved: of each, by split (`train`, `val`), its values after so many updates."""

    name: str
    title: str
    scores: Mapping[str, Mapping[str, Sequence[tuple[float, float]]]]


Picture = AttentionPicture | ImagePicture | ChannelPicture | QueryPicture | BoxesPicture | LabelledPicture


def spread(num: int, most: int) -> list[int]:
    """At most so many of the first `num` numbers, at about equal distances, the first and the last among them."""
    if num <= most:
        return list(range(num))
    return [round(number * (num - 1) / max(1, most - 1)) for number in range(most)]


def some_of(items: Sequence[T], num: int) -> Sequence[T]:
    """The first of them, and every so many-th after it: `num`, or all there are."""
    return items[:: max(1, len(items) // max(1, num))][:num]
