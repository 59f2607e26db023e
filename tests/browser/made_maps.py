"""Linked maps of models that never were."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from made_answers import WORDS
from torch import Tensor

from attnlab.reporting.pages.linked_maps import (
    Example,
    RunMaps,
    View,
    boxes_view,
    channels_view,
    image_of,
    linked,
    places_view,
    queries_view,
    words_view,
)
from attnlab.reporting.pages.linked_maps.contents import NO_ATTENTION, Image, Text, looked_at
from attnlab.reporting.pages.linked_maps.offsets import as_read, units

HEADS, CHANNELS = 3, 19


def _weights(*shape: int, seed: int) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def _linked(names: Iterable[str], examples: Callable[[int], list[Example]]) -> Any:
    """Of all arms, the last of which has no attention."""
    arms: dict[str, RunMaps] = {}
    *attending, last = names
    for seed, name in enumerate(attending):
        arms[name] = {"examples": examples(seed), "why": None}
    arms[last] = {"examples": [], "why": NO_ATTENTION}
    return linked(arms)


def _example(
    number: int, title: str, *, views: list[View], texts: dict[str, str] | None = None, image: Image | None = None
) -> Example:
    return {"id": number, "title": title, "truth": "<b>bag", "texts": texts or {}, "image": image, "views": views}


def _read(name: str, text: str, *, by: int) -> Text:
    """In words, or by pieces of so many characters: tokenizers differ from arm to arm."""
    pieces = text.split() if by == 0 else [text[start : start + by] for start in range(0, len(text), by)]
    return {"text": name, "units": units([each for each in pieces if each.strip()], text)}


def word_maps(names: Iterable[str], *, written: bool, begun: bool = False) -> Any:
    """Of texts that models wrote, or of which they labelled the words, or which they went on from if `begun`; some
    weights are negative."""
    whole = "beginning" if begun else "source"

    def examples(seed: int) -> list[Example]:
        found: list[Example] = []
        for number, given in enumerate(WORDS[:5]):
            text, output = as_read(given), f"arm {seed} wrote this"
            columns = _read(whole, text, by=3 * seed)
            rows = _read("output", output, by=0) if written else columns
            shape = (HEADS, len(rows["units"]), len(columns["units"]))
            weights = {f"layers.{layer}": _weights(*shape, seed=seed + layer) - 0.2 * seed for layer in range(2)}
            texts = {whole: text} | ({"output": output} if written else {})
            view = words_view(
                weights, name="output" if written else "beginning" if begun else "sentence", rows=rows, columns=columns
            )
            found.append(_example(number, "<b>PER", texts=texts, views=[view]))
        return found

    return _linked(names, examples)


def place_maps(names: Iterable[str]) -> Any:
    """Of pictures."""
    return _linked(names, place_examples)


def place_examples(seed: int) -> list[Example]:
    """Over an image, of several layers and heads, between its places, and over channels."""
    pixels = (_weights(3, 28, 28, seed=1) * 255).to(torch.uint8)
    layers = {"stages.0": _weights(HEADS, 14, 14, seed=seed), "stages.1": _weights(1, 7, 7, seed=seed)}
    views = [places_view(layers, name="places", size=(28, 28), strided=True)]
    between = {"stages.0": _weights(1, 14, 14, 14, 14, seed=seed), "stages.1": _weights(HEADS, 7, 7, 7, 7, seed=seed)}
    views.append(queries_view(between, name="queries", size=(28, 28), strided=True))
    views.append(channels_view({"stages.1": _weights(CHANNELS, seed=seed)}, name="channels"))
    return [_example(number, "bag 87%", image=image_of(pixels), views=views) for number in range(2)]


def box_maps(names: Iterable[str]) -> Any:
    """Of objects in an image, with what was looked at for one of them."""

    def examples(seed: int) -> list[Example]:
        pixels = (_weights(3, 48, 64, seed=1) * 255).to(torch.uint8)
        looked = looked_at(_weights(6, 8, seed=seed), (48, 64))
        assert looked is not None
        moved = 0.02 * seed
        found = [
            {"label": "cell", "score": 0.9, "box": (0.1 + moved, 0.1, 0.5, 0.6), "looked": looked},
            {"label": "<b>cell", "score": 0.7, "box": (0.6, 0.3, 0.9, 0.9 - moved)},
        ]
        there = [{"label": "cell", "score": None, "box": (0.12, 0.1, 0.5, 0.58)}]
        classes = ["cell", "<b>cell"]
        view = boxes_view(found, there, name="boxes", classes=classes)  # type: ignore[arg-type]
        return [_example(0, "", image=image_of(pixels), views=[view])]

    return _linked(names, examples)


def gate_maps(names: Iterable[str]) -> Any:
    """Of a detector's gates: one over channels, one over channels and places; nothing was looked at for an object."""

    def examples(seed: int) -> list[Example]:
        pixels = (_weights(3, 48, 64, seed=1) * 255).to(torch.uint8)
        found = [
            {"label": "wide", "score": 0.8, "box": (0.05, 0.05, 0.95, 0.95)},
            {"label": "sure", "score": 0.9, "box": (0.2, 0.2, 0.6, 0.6)},
            {"label": "unsure", "score": 0.3, "box": (0.21, 0.21, 0.59, 0.6)},
        ]
        there = [{"label": "cell", "score": None, "box": (0.2, 0.2, 0.61, 0.62)}]
        classes = ["cell", "sure", "unsure", "wide"]
        views = [boxes_view(found, there, name="boxes", classes=classes)]  # type: ignore[arg-type]
        if seed:
            over = {"stages.1.0.feature_attention": _weights(1, 3, 4, seed=seed)}
            views.append(places_view(over, name="places", size=(48, 64), strided=True))
        views.append(channels_view({"stages.1.0.feature_attention": _weights(CHANNELS, seed=seed)}, name="channels"))
        for view in views if seed else ():
            view["of_both"] = True
        return [_example(0, "", image=image_of(pixels), views=views)]

    return _linked(names, examples)
