"""Answers of models that never were, as `predictions.jsonl` has them."""

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

WORDS = [
    "A short sentence with five names.",
    "</script><script>alert('text')</script> & <img src=x onerror=alert(1)> {{ title }} \"quoted\"",
    "דוד המלך גר בירושלים, and then عاش في القاهرة 1833.",
    "東京の山田さんは、北京に住んでいます。",
    "An_unbroken_word_" + "that_goes_on_" * 19,
    "A long text. " * 50,
    "Two\nlines\tand a tab",
    "",
    *(f"Sentence number {number}." for number in range(8)),
]
Answer = Callable[[int, str, bool], dict[str, Any]]
"""The answer to an example, by its number, of an arm, right or wrong."""


def _line(number: int, given: str, output: Any, target: Any, details: dict[str, Any]) -> dict[str, Any]:
    return {"id": number, "input": given, "output": output, "target": target, "score": 0.5, "details": details}


def _writing(number: int, arm: str, right: bool) -> dict[str, Any]:
    target = WORDS[-1 - number]
    output = target if right else f"{arm} wrote {target[::-1]}"
    return _line(number, WORDS[number], output, target, {"ids": [3, 4], "log_prob": -1.0})


def _classes(number: int, arm: str, right: bool) -> dict[str, Any]:
    output = "<b>first</b>" if right else "a class of a long name " * 3
    return _line(number, WORDS[number], output, "<b>first</b>", {"top": [{"output": output, "score": 0.5}]})


def _pictures(number: int, arm: str, right: bool) -> dict[str, Any]:
    return _classes(number, arm, right) | {"input": f"test/{number:05}"}


def _tags(number: int, arm: str, right: bool) -> dict[str, Any]:
    text = WORDS[number]
    starts = range(0, max(0, len(text) - 4), 9)
    spans = [{"start": start, "end": start + 4, "label": "PER", "text": text[start : start + 4]} for start in starts]
    output = spans if right else [each | {"label": "A-LONG-LABEL-OF-ITS-OWN"} for each in spans[::2]]
    return _line(number, text, output, spans, {"words": [[0, 1]]})


def _boxes(number: int, arm: str, right: bool) -> dict[str, Any]:
    size = PICTURES[number % len(PICTURES)][1]
    there = [{"label": "<b>cell", "box": [1, 1, size[0] * 0.6, size[1] * 0.6]}]
    there.append({"label": "細胞", "box": [0, size[1] * 0.5, size[0], size[1]]})
    found = [each | {"score": 0.87} for each in there] if right else []
    return _line(number, f"test/{number:05}", found, there, {"width": size[0], "height": size[1]})


ANSWERS: dict[str, Answer] = {
    "writing": _writing,
    "classes": _classes,
    "pictures": _pictures,
    "tags": _tags,
    "boxes": _boxes,
}


def address(width: int, height: int, *, seed: int) -> str:
    """A picture of noise, as a data: address."""
    pixels = np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "PNG")
    return f"data:image/png;base64,{base64.b64encode(written.getvalue()).decode('ascii')}"


SIZES = [(28, 28), (320, 41), (23, 160)]
PICTURES = [(address(*size, seed=seed), size) for seed, size in enumerate(SIZES)]
