"""Boxes on a page: which of those found are hits and which false alarms, what was missed, and how that is drawn.

A hit has its object's class and overlaps it by IoU `OVERLAP` or more; each object is hit once, by the surest box. Boxes
of an object that is ignored are neither. So `ap50` counts, though of boxes of all scores.
"""

from collections.abc import Iterable, Iterator, Sequence
from string import ascii_lowercase
from typing import NamedTuple

import numpy as np

from attnlab.metrics.records.matches import Boxes, overlap
from attnlab.reporting.pages.report.contents import Box, BoxKey, Look, Mark, Text, plain

OVERLAP = 0.5
MOST_FALSE = 4  # of a picture's false alarms are drawn and named, the surest
LETTERS = ascii_lowercase[:MOST_FALSE]
BADGE_SHARE = 16  # of a picture's width one is high
BADGE_WIDTH = 0.7  # of its height, a letter
MOST_BADGES = 256  # rows of places for them, of a picture far higher than wide


Size = tuple[int, int] | None
"""A picture's width and height, if known."""


class Drawn(NamedTuple):
    """Boxes as they are drawn, None where there can't be any, and in words: pairs of what and which."""

    marks: Sequence[Mark] | None
    rows: Sequence[tuple[Text, Text]]


class Outcome(NamedTuple):
    """What became of the boxes found, by the numbers of objects, from 0; `missed` are those that none hit."""

    hits: dict[int, Box]
    false: list[Box]
    missed: list[int]


def judged(found: Sequence[Box], there: Sequence[Box]) -> Outcome:
    """Of a picture's boxes."""
    overlaps = overlap(_boxes(found), _boxes(there))  # (N, M)
    hits: dict[int, Box] = {}
    false = []
    for place in sorted(range(len(found)), key=lambda each: -(found[each].score or 0.0)):
        fits = [
            each
            for each, one in enumerate(there)
            if one.label == found[place].label and overlaps[place, each] >= OVERLAP and each not in hits
        ]
        counted = [each for each in fits if not there[each].ignored]
        if counted:
            hits[max(counted, key=lambda each: float(overlaps[place, each]))] = found[place]
        elif not fits:
            false.append(found[place])
    missed = [each for each, one in enumerate(there) if each not in hits and not one.ignored]
    return Outcome(hits, false, missed)


def _boxes(boxes: Sequence[Box]) -> Boxes:
    corners = np.array([each[:4] for each in boxes], dtype=np.float32).reshape(-1, 4)
    ignored = np.array([each.ignored for each in boxes], dtype=np.bool_)
    return Boxes(corners, np.zeros(len(boxes)), ignored)


def key_of(boxes: Iterable[Box], *, cut: float | None) -> BoxKey:
    """What lines and colours mean, where boxes of a score of at least `cut` are shown, if that is known."""
    least, at_least = ("the threshold", "阈值") if cut is None else (f"{cut:g}", f" {cut:g} ")
    about = Text(
        f"Boxes with a score of {least} or more are shown (task.score_threshold). A hit has its object's class and "
        f"overlaps it by IoU {OVERLAP:g} or more, and has its number; each object is hit once, by the surest box. "
        f"Every other box is a false alarm; the {MOST_FALSE} surest of a picture are drawn and have letters, the "
        "others are counted. Average precision counts boxes of all scores.",
        f"显示分数不低于{at_least}的框（task.score_threshold）。命中：类别正确，且与目标的 IoU 不低于 {OVERLAP:g}；"
        "每个目标只由分数最高的框命中一次，编号与目标相同。其余框为误检：每张图只画分数最高的 "
        f"{MOST_FALSE} 个并标以字母，其余只计数。平均精度计入所有分数的框。",
    )
    return BoxKey(about=about, classes=sorted({each.label for each in boxes}))


def drawn_truth(there: Sequence[Box], size: Size, key: BoxKey) -> Drawn:
    """What is right, each object with its number."""
    marks = [_mark(each, "there", key, str(number)) for number, each in enumerate(there, 1)]
    named = [f"{number} {each.label}{' (ignored)' if each.ignored else ''}" for number, each in enumerate(there, 1)]
    return Drawn(_with_badges(marks, size), [(Text("objects", "目标"), plain(", ".join(named) or "-"))])


def drawn_answer(found: Sequence[Box], there: Sequence[Box] | None, size: Size, key: BoxKey) -> Drawn:
    """False alarms below what was missed, and that below hits; where nobody knows what is there, all that was found."""
    if there is None:
        marks = [_mark(each, "hit", key, str(number)) for number, each in enumerate(found, 1)]
        named = ", ".join(f"{number} {each.label} {each.score or 0:.2f}" for number, each in enumerate(found, 1))
        return Drawn(_with_badges(marks, size), [(Text("found", "检出"), plain(named or "-"))])
    outcome = judged(found, there)
    hits = [_mark(box, "hit", key, str(number + 1)) for number, box in sorted(outcome.hits.items())]
    missed = [_mark(there[number], "missed", key, str(number + 1)) for number in outcome.missed]
    false = [_mark(each, "false", key, letter) for letter, each in zip(LETTERS, outcome.false, strict=False)]
    return Drawn([*reversed(_with_badges([*hits, *missed, *false], size))], _rows(outcome, there))


def _rows(outcome: Outcome, there: Sequence[Box]) -> list[tuple[Text, Text]]:
    """In words: hits, what was missed, and false alarms."""
    hits = [f"{number + 1} {box.label} {box.score or 0:.2f}" for number, box in sorted(outcome.hits.items())]
    missed = [f"{number + 1} {there[number].label}" for number in outcome.missed]
    false = ", ".join(
        f"{letter} {each.label} {each.score or 0:.2f}" for letter, each in zip(LETTERS, outcome.false, strict=False)
    )
    more = len(outcome.false) - MOST_FALSE
    named = Text(f"{false}; {more} less sure, not drawn", f"{false}；另有 {more} 个分数更低，未画")
    named = named if more > 0 else plain(false)
    of = len(hits) + len(missed)
    return [
        (Text("hits", "命中"), _counted(Text(f"{len(hits)} of {of}", f"{len(hits)}/{of}"), plain(", ".join(hits)))),
        (Text("missed", "漏检"), _counted(plain(str(len(missed))), plain(", ".join(missed)))),
        (Text("false alarms", "误检"), _counted(plain(str(len(outcome.false))), named)),
    ]


def _counted(number: Text, named: Text) -> Text:
    """How many, and which, if any."""
    if not named.english:
        return number
    return Text(f"{number.english}: {named.english}", f"{number.chinese}：{named.chinese}")


def _mark(box: Box, look: Look, key: BoxKey, sign: str) -> Mark:
    return Mark(box, look, key.classes.index(box.label) if box.label in key.classes else 0, sign)


def _with_badges(marks: Sequence[Mark], size: Size) -> list[Mark]:
    """Each with a place for its sign: at a corner of its box, else near it, never on another; none without room."""
    if size is None:
        return list(marks)
    taken: list[_Badge] = []
    placed = []
    for mark in marks:
        free = next((each for each in _badges(mark, size) if not any(map(each.meets, taken))), None)
        taken += [free] if free else []
        placed.append(mark._replace(badge=(free.left, free.top) if free else None))
    return placed


class _Badge(NamedTuple):
    """Where a sign may stand."""

    left: float
    top: float
    wide: float
    high: float

    def meets(self, other: "_Badge") -> bool:
        """Whether one would be written on the other."""
        apart = self.left + self.wide <= other.left or other.left + other.wide <= self.left
        return not (apart or self.top + self.high <= other.top or other.top + other.high <= self.top)


def _badges(mark: Mark, size: tuple[int, int]) -> Iterator[_Badge]:
    """Within the picture: at the corners of its box, inside and outside, then all over it, the nearest first."""
    high = size[0] / BADGE_SHARE
    wide = BADGE_WIDTH * high * len(mark.sign)
    box = mark.box
    corners = [
        (x, y) for y in (box.top, box.bottom - high, box.top - high, box.bottom) for x in (box.left, box.right - wide)
    ]
    across, down = (min(MOST_BADGES, max(1, int(side / step))) for side, step in zip(size, (wide, high), strict=True))
    cells = [(column * wide, row * high) for row in range(down) for column in range(across)]
    cells.sort(key=lambda at: (at[0] - box.left) ** 2 + (at[1] - box.top) ** 2)
    for x, y in [*corners, *cells]:
        yield _Badge(max(0.0, min(x, size[0] - wide)), max(0.0, min(y, size[1] - high)), wide, high)
