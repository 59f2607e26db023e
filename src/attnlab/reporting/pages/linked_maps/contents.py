"""What is kept of a run's maps: weights with the words, places, channels or boxes that they are of, as JSON has them.

Weights are whole numbers of a layer's `unit`, a `STEPS`-th of its largest: four digits, which is all that can be seen.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

import torch
from torch import Tensor

from attnlab.reporting.pages.linked_maps.offsets import Unit
from attnlab.reporting.pictures import spread

SCHEMA = 3  # of what is kept; another is made anew
NO_ATTENTION = "this model has no attention that can be shown"
STEPS = 9999
MOST_NUMBERS = 12_000  # of a view, about 40 kB
MOST_BETWEEN = 24_000  # of one that has a map for each place
MOST_PLACES = 100  # of those; of more, blocks are taken as one
MOST_LAYERS = 12


Sides = tuple[list[float], list[float]]
"""Of rows and of columns, as shares of an image's height and width."""


class Layer(TypedDict):
    """Of one layer, a map for each head or the like, or, where it is `averaged`, their mean; null is no number.

    A map is (rows, columns) of words, (h, w) of places, (places, h, w) of what each of the places gives to all, row by
    row, or (C,) of channels. Places are cells, whose `edges` are where rows and columns begin and the last ends, or, of
    nets that halve, points: `centres` of rows and columns; both are shares of the image's height and width. Each place
    may be a block of `merged` by `merged` of the model's.
    """

    name: str
    unit: float
    heads: list[Any]
    averaged: bool
    edges: NotRequired[Sides]
    centres: NotRequired[Sides]
    merged: NotRequired[int]


class Text(TypedDict):
    """A text of the example by its name, and the pieces it was read in: label, start, end, in code points."""

    text: str
    units: list[Unit]


class Image(TypedDict):
    """A picture as a data: address, and its size in pixels as the model saw it."""

    address: str
    height: int
    width: int


class Box(TypedDict):
    """An object: left, top, right and bottom as shares of the image; and what was looked at to find it, if known."""

    label: str
    score: float | None
    box: tuple[float, float, float, float]
    looked: NotRequired[Layer]


class View(TypedDict):
    """One way to look at an example: maps of one kind, from the first layer to the last.

    Attributes:
        name: of what, where an example has several of a kind; one of `NAMES`.
        copying: of each row, its chance of being copied.
        image: of its own, where arms have no image in common.
        found, there: objects.
        left_out: layers that are too large to show.
        of_both: whether weights are over channels and places at once, and the view's their mean over the others.
        classes: of objects, all there are.
    """

    kind: Literal["words", "places", "queries", "channels", "boxes"]
    name: str
    layers: list[Layer]
    left_out: int
    rows: NotRequired[Text]
    columns: NotRequired[Text]
    copying: NotRequired[list[float]]
    image: NotRequired[Image]
    found: NotRequired[list[Box]]
    there: NotRequired[list[Box]]
    of_both: NotRequired[bool]
    classes: NotRequired[list[str]]


class Example(TypedDict):
    """One test example: its texts by name, its image if it is one, what was answered, and what was looked at.

    `title` is the answer and `truth` what it should be, where these are short and none of the texts.
    """

    id: int
    title: str
    truth: str
    texts: dict[str, str]
    image: Image | None
    views: list[View]


class RunMaps(TypedDict):
    """Of a run: `examples`, or `why` there are none."""

    examples: list[Example]
    why: str | None


def words_view(weights: Mapping[str, Tensor], *, name: str, rows: Text, columns: Text) -> View:
    """Of weights (H, Tq, Tk) by layer."""
    layers, left_out = _layers(weights)
    return {
        "kind": "words", "name": name, "layers": layers, "left_out": left_out, "rows": rows, "columns": columns,
    }  # fmt: skip


def places_view(weights: Mapping[str, Tensor], *, name: str, size: tuple[int, int], strided: bool) -> View:
    """Of weights (M, h, w) by layer, over an image of `size` (height, width)."""
    layers, left_out = _layers(weights)
    for each in layers:
        _place(each, weights[each["name"]].shape[-2:], size, strided=strided)
    return {"kind": "places", "name": name, "layers": layers, "left_out": left_out}


def queries_view(weights: Mapping[str, Tensor], *, name: str, size: tuple[int, int], strided: bool) -> View:
    """Of weights (M, h, w, h, w) by layer, each place's over an image of `size` (height, width).

    Of many places blocks are taken as one: what a block gives is its places' mean, what it gets their sum.
    """
    merged = {layer: _block(each.shape[-2:]) for layer, each in weights.items()}
    layers, left_out = _layers(
        {layer: _in_blocks(each, merged[layer]).flatten(1, 2) for layer, each in weights.items()}, most=MOST_BETWEEN
    )
    for each in layers:
        block = merged[each["name"]]
        _place(each, weights[each["name"]].shape[-2:], size, strided=strided, block=block)
        if block > 1:
            each["merged"] = block
    return {"kind": "queries", "name": name, "layers": layers, "left_out": left_out}


def _block(grid: Sequence[int]) -> int:
    """The side of the blocks that leave at most `MOST_PLACES`."""
    block = 1
    while -(-grid[0] // block) * -(-grid[1] // block) > MOST_PLACES:
        block += 1
    return block


def _in_blocks(weights: Tensor, block: int) -> Tensor:
    """Of weights (M, h, w, h, w) of places those of blocks; the last of a row or column may be smaller."""
    if block == 1:
        return weights
    for dim in (1, 2):
        weights = torch.stack([part.mean(dim) for part in torch.split(weights, block, dim)], dim)
    for dim in (3, 4):
        weights = torch.stack([part.sum(dim) for part in torch.split(weights, block, dim)], dim)
    return weights


def channels_view(weights: Mapping[str, Tensor], *, name: str) -> View:
    """Of weights (C,) by layer."""
    layers, left_out = _layers({layer: each[None] for layer, each in weights.items()})
    return {"kind": "channels", "name": name, "layers": layers, "left_out": left_out}


def boxes_view(found: Iterable[Box], there: Iterable[Box], *, name: str, classes: Sequence[str]) -> View:
    """Of objects of these classes."""
    return {
        "kind": "boxes", "name": name, "layers": [], "left_out": 0, "found": list(found), "there": list(there),
        "classes": sorted(classes),
    }  # fmt: skip


def looked_at(weights: Tensor, size: tuple[int, int]) -> Layer | None:
    """Weights (h, w) over an image of `size`, of one object."""
    layers = places_view({"": weights[None]}, name="", size=size, strided=True)["layers"]
    return layers[0] if layers else None


def _layers(weights: Mapping[str, Tensor], *, most: int = MOST_NUMBERS) -> tuple[list[Layer], int]:
    """Evenly from the first to the last as many as there is room for, and how many were left out."""
    names = [list(weights)[number] for number in spread(len(weights), MOST_LAYERS)]
    kept = [_layer(name, weights[name], most=most // max(1, len(names))) for name in names]
    found = [each for each in kept if each is not None]
    return found, len(weights) - len(found)


def _layer(name: str, weights: Tensor, *, most: int) -> Layer | None:
    """Of weights (M, ...) of M heads; of their mean if they are more than `most` numbers, none if that is, too."""
    averaged = weights.numel() > most and len(weights) > 1
    kept = (weights.mean(0, keepdim=True) if averaged else weights).detach().double().cpu()
    if kept.numel() > most:
        return None
    finite = kept[kept.isfinite()]
    largest = float(finite.abs().max()) if finite.numel() else 0.0
    unit = float(f"{(largest or 1.0) / STEPS:.6g}")
    return {"name": name, "unit": unit, "heads": _whole((kept / unit).tolist()), "averaged": averaged}


def _whole(values: Any) -> Any:
    if isinstance(values, list):
        return [_whole(each) for each in values]
    return round(values) if values - values == 0 else None  # neither infinite nor no number


def _place(layer: Layer, grid: Sequence[int], size: Sequence[int], *, strided: bool, block: int = 1) -> None:
    """Say where the places of a grid lie over an image: they tile it or, strided, place j is at pixel stride * j."""
    along = _centres if strided else _edges
    rows, columns = (along(*each, block=block) for each in zip(grid, size, strict=True))
    layer["centres" if strided else "edges"] = rows, columns


def _edges(places: int, pixels: int, *, block: int) -> list[float]:
    return [*(round(place / places, 4) for place in range(0, places, block)), 1.0]


def _centres(places: int, pixels: int, *, block: int) -> list[float]:
    """Of blocks the middles, each within the image."""
    step = _stride(pixels, places)
    points = [min(1.0, (place * step + 0.5) / pixels) for place in range(places)]
    blocks = [points[start : start + block] for start in range(0, places, block)]
    return [round(sum(each) / len(each), 4) for each in blocks]


def _stride(pixels: int, places: int) -> int:
    """The power of two that places lie apart, as odd kernels halve."""
    found = 1
    while -(-pixels // found) > places:
        found *= 2
    return found
