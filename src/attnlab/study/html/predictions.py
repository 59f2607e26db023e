"""A run's answers to test examples, from its `predictions.jsonl`, as a page shows them."""

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from attnlab.errors import one_line
from attnlab.reading.bounds import plain_json, text_lines
from attnlab.reporting.pages.report.contents import Box, Span
from attnlab.runs.own_code import AGAIN

log = logging.getLogger(__name__)

NAME = "predictions.jsonl"
LONGEST = 3000  # characters of a text
FARTHEST = 10**6  # pixels

Kind = Literal["text", "class", "entities", "boxes"]


class Said(NamedTuple):
    """An output, or a target: a text in parts, or boxes."""

    spans: Sequence[Span]
    boxes: Sequence[Box] | None = None


class Line(NamedTuple):
    """An example's answer; `right` is None of what may be right in several ways, `size` of what is no picture."""

    kind: Kind
    given: str
    target: Said | None
    output: Said
    right: bool | None
    size: tuple[int, int] | None


class Predictions(NamedTuple):
    """Answers by the examples' numbers, none of a file that isn't there or is damaged; `why` of the latter."""

    lines: Mapping[int, Line]
    why: str | None = None


def predictions_of(folder: Path) -> Predictions:
    """Those of a run; that its file is damaged is said, and a page does without them."""
    path, found = folder / NAME, {}
    try:
        for place, line in enumerate(text_lines(path, errors="replace"), start=1):
            try:
                number, read = _line(plain_json(line))
            except (ValueError, KeyError, TypeError, OverflowError, RecursionError, AttributeError):
                return _damaged(f"line {place} of {path} is damaged")
            found[number] = read
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        return _damaged(f"{path} can't be read: {one_line(error)}")
    return Predictions(found)


def _damaged(why: str) -> Predictions:
    log.warning("no samples: %s (%s)", why, AGAIN)
    return Predictions({}, why)


def _line(found: Mapping[str, Any]) -> tuple[int, Line]:
    details, given, target = found.get("details") or {}, str(found["input"]), found["target"]
    kind = _kind(details)
    size = (int(details["width"]), int(details["height"])) if kind == "boxes" else None
    if size is not None and not 0 < min(size) <= max(size) <= FARTHEST:
        raise ValueError(f"a picture of {size} pixels")
    said = _said(kind, found["output"], given)
    truth = None if target is None else _said(kind, target, given)
    right = None
    if truth is not None and kind in ("class", "entities"):
        right = _entities(said) == _entities(truth)
    return int(found["id"]), Line(kind, cut(given), truth, said, right, size)


def _kind(details: Mapping[str, Any]) -> Kind:
    """By what is said beside an answer."""
    if "top" in details:
        return "class"
    if "words" in details:
        return "entities"
    return "boxes" if {"height", "width"} <= details.keys() else "text"


def _said(kind: Kind, value: Any, given: str) -> Said:
    if kind == "boxes":
        return Said((), [_box(each) for each in value])
    if kind == "entities":
        return Said(_parts(given, value))
    return Said([Span(cut(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)))])


def _entities(said: Said) -> list[tuple[int, Span]]:
    """What is to be right: labelled parts with where they begin, or the whole."""
    if len(said.spans) == 1:
        return [(0, said.spans[0])]
    starts, done = [], 0
    for span in said.spans:
        starts.append(done)
        done += len(span.text)
    return [(start, span) for start, span in zip(starts, said.spans, strict=True) if span.label is not None]


def _box(found: Mapping[str, Any]) -> Box:
    left, top, right, bottom = corners = [float(each) for each in found["box"]]
    if not all(abs(each) <= FARTHEST for each in corners):
        raise ValueError(f"a box at {corners}")
    score = found.get("score")
    shown = None if score is None else float(score)
    return Box(left, top, right, bottom, str(found["label"]), shown, ignored=bool(found.get("ignored")))


def _parts(text: str, found: Sequence[Mapping[str, Any]]) -> list[Span]:
    """The text with entities among its parts; of those that overlap the first."""
    parts: list[Span] = []
    done = 0
    for each in sorted(found, key=lambda span: int(span["start"])):
        start, end = int(each["start"]), int(each["end"])
        if start < done or end <= start:
            continue
        parts += [Span(text[done:start])] if start > done else []
        parts.append(Span(text[start:end], str(each["label"])))
        done = end
    return [*parts, Span(text[done:])] if done < len(text) or not parts else parts


def cut(text: str) -> str:
    """The text, or as much of it as is shown."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
