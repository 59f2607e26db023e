"""How pictures are wanted: what of a map is shown, and how it is drawn."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from attnlab.language import either
from attnlab.reporting.glossary import SLOTS
from attnlab.reporting.pictures import AttentionPicture, merged

NARROWEST, WIDEST = 3.0, 40.0  # inches


@dataclass(frozen=True, kw_only=True)
class Look:
    """What is wanted of pictures; the default shows all there is.

    Attributes:
        whole_words: of texts read in pieces, a row or column a word.
        hide_special: without the mark of a text's end.
        mean: the heads' mean, without the heads.
        strongest: so many columns, those that are given the most weight, in the text's order.
        scale: the weights at the ends of the colours; None: those of the picture.
        cmap: matplotlib's name of the colours of weights from 0; None: viridis.
        width: inches that a picture is wide; further columns of a map of a text then follow below.
        title: instead of the picture's own.
        caption: below, which run this is of.
        of: that run, or what else, as files of pictures have it on record; files of others aren't written over.

    Raises:
        ValueError: a number that can't be.
    """

    whole_words: bool = False
    hide_special: bool = False
    mean: bool = False
    strongest: int | None = None
    scale: tuple[float, float] | None = None
    cmap: str | None = None
    width: float | None = None
    title: str | None = None
    caption: str = ""
    of: str = ""

    def __post_init__(self) -> None:
        if self.strongest is not None and self.strongest < 1:
            raise ValueError(f"strongest must be 1 or more, got {self.strongest} (set --strongest)")
        if self.scale is not None and not -math.inf < self.scale[0] < self.scale[1] < math.inf:
            raise ValueError(
                f"a scale goes from a smaller to a larger weight, got {self.scale[0]:g}:{self.scale[1]:g} (set --scale)"
            )
        if self.width is not None and not NARROWEST <= self.width <= WIDEST:
            raise ValueError(f"width must be from {NARROWEST:g} to {WIDEST:g} inches, got {self.width:g} (set --width)")


def arranged(picture: AttentionPicture, look: Look) -> AttentionPicture:
    """What is to be shown of a map; its notes say how much weight isn't."""
    if look.mean and picture.weights.dim() == 3:
        picture = replace(picture, weights=picture.weights.mean(dim=0))
    if look.hide_special and picture.ended:
        picture = _without_end(picture)
    if look.whole_words:
        picture = in_words(picture)
    if look.strongest is not None and look.strongest < len(picture.key_labels):
        picture = _strongest(picture, look.strongest)
    return picture


def in_words(picture: AttentionPicture) -> AttentionPicture:
    """The map by words: a column is what all of a word's pieces are given, a row the mean of its pieces'."""
    rows = picture.query_words or [(label, 1) for label in picture.query_labels]
    columns = picture.key_words or [(label, 1) for label in picture.key_labels]
    return replace(merged(picture, rows=rows, columns=columns), notes=(*picture.notes, *_of_words(rows, columns)))


def _of_words(rows: Sequence[tuple[str, int]], columns: Sequence[tuple[str, int]]) -> list[str]:
    """What words did to the weights, where they did anything: equal weights of pieces, say, are no longer equal."""
    said = []
    if any(count > 1 for _, count in columns):
        said.append(either("columns are sums over a word's pieces", "列是一个词的各子词之和"))
    if any(count > 1 for _, count in rows):
        said.append(either("rows are means over a word's pieces", "行是一个词的各子词的均值"))
    return [either("; ".join(said), "；".join(said))] if said else []


def _without_end(picture: AttentionPicture) -> AttentionPicture:
    """Without the last row and the last column, if others are left."""
    rows, columns = max(1, len(picture.query_labels) - 1), max(1, len(picture.key_labels) - 1)
    weights = picture.weights[..., :rows, :]
    copying = picture.copy_probabilities
    mark, share = picture.key_labels[-1], f"{_share(weights, columns):.1%}"
    note = either(
        f"not shown: the mark of the end, {mark}, with {share} of the weight",
        f"未画出结束标记 {mark}，它占权重的 {share}",
    )
    return replace(
        picture,
        weights=weights[..., :columns],
        query_labels=picture.query_labels[:rows],
        key_labels=picture.key_labels[:columns],
        query_words=_cut(picture.query_words, rows),
        key_words=_cut(picture.key_words, columns),
        copy_probabilities=None if copying is None else copying[:rows],
        ended=False,
        notes=[*picture.notes, note],
    )


def _share(weights: Tensor, columns: int) -> float:
    """What part of all weight columns from this one on have."""
    given = weights.abs().nansum(dim=tuple(range(weights.dim() - 1)))
    return float(given[columns:].sum() / given.sum().clamp(min=1e-12))


def _cut(words: Sequence[tuple[str, int]], num: int) -> list[tuple[str, int]]:
    """Of words of pieces those that the first `num` pieces make."""
    kept: list[tuple[str, int]] = []
    for label, count in words:
        room = num - sum(each for _, each in kept)
        if room > 0:
            kept.append((label, min(count, room)))
    return kept


def _strongest(picture: AttentionPicture, num: int) -> AttentionPicture:
    given = picture.weights.abs().nansum(dim=tuple(range(picture.weights.dim() - 1)))  # (Tk,)
    chosen = torch.topk(given, num).indices.sort().values.tolist()
    share = float(given[chosen].sum() / given.sum().clamp(min=1e-12))
    whole = len(picture.key_labels)
    note = either(
        f"shown: the {num} of {whole} columns with the most weight, {share:.1%} of all",
        f"只画了 {whole} 列中权重最多的 {num} 列，占全部权重的 {share:.1%}",
    )
    return replace(
        picture,
        weights=picture.weights[..., chosen],
        key_labels=[picture.key_labels[each] for each in chosen],
        key_words=(),
        ended=False,
        notes=[*picture.notes, note],
    )


def run_caption(name: str, directory: Path, slots: Mapping[str, str]) -> str:
    """Which run a picture is of: its name, the mechanism in each place of its model, and its folder."""
    english = ", ".join(f"{place.replace('_', ' ')}: {mechanism}" for place, mechanism in slots.items())
    chinese = "，".join(f"{SLOTS.get(place, place)}：{mechanism}" for place, mechanism in slots.items())
    run = either(f"run {directory.name}", f"运行 {directory.name}")
    return " · ".join(part for part in (name, either(english, chinese), run) if part)
