"""Boxes on a page: which of those found are hits and which false alarms, what was missed, and how that is drawn.

A hit has its object's class and overlaps it by IoU `OVERLAP` or more; each object is hit once, by the surest box. Boxes
of an object that is ignored are neither. So `ap50` counts, though of boxes of all scores.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from attnlab.metrics.records.matches import Boxes, overlap
from attnlab.reporting.pages.report.contents import Box, BoxKey, Look, Mark, Text, plain

OVERLAP = 0.5
MOST_NAMED = 4  # false alarms
BADGE_SHARE = 16  # of a picture's width one is high


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
        "Every other box is a false alarm. Average precision counts boxes of all scores.",
        f"显示得分不低于{at_least}的方框（task.score_threshold）。命中：类别正确，且与目标的 IoU 不低于 {OVERLAP:g}；"
        "每个目标只由最有把握的方框命中一次，编号与目标相同。其余方框为误检。平均精度计入所有得分的方框。",
    )
    return BoxKey(about=about, classes=sorted({each.label for each in boxes}))


def drawn_truth(there: Sequence[Box], size: Size, key: BoxKey) -> Drawn:
    """What is right, each object with its number."""
    marks = [_mark(each, "there", key, number) for number, each in enumerate(there, 1)]
    named = [f"{number} {each.label}{' (ignored)' if each.ignored else ''}" for number, each in enumerate(there, 1)]
    return Drawn(_with_badges(marks, size), [(Text("objects", "目标"), plain(", ".join(named) or "-"))])


def drawn_answer(found: Sequence[Box], there: Sequence[Box] | None, size: Size, key: BoxKey) -> Drawn:
    """False alarms below what was missed, and that below hits; where nobody knows what is there, all that was found."""
    if there is None:
        marks = [_mark(each, "hit", key, number) for number, each in enumerate(found, 1)]
        named = ", ".join(f"{number} {each.label} {each.score or 0:.2f}" for number, each in enumerate(found, 1))
        return Drawn(_with_badges(marks, size), [(Text("found", "检出"), plain(named or "-"))])
    outcome = judged(found, there)
    hits = [_mark(box, "hit", key, number + 1) for number, box in sorted(outcome.hits.items())]
    missed = [_mark(there[number], "missed", key, None) for number in outcome.missed]
    false = [_mark(each, "false", key, None) for each in reversed(outcome.false)]
    return Drawn([*false, *missed, *_with_badges(hits, size)], _rows(outcome, there))


def _rows(outcome: Outcome, there: Sequence[Box]) -> list[tuple[Text, Text]]:
    """In words: hits, what was missed, and false alarms."""
    hits = [f"{number + 1} {box.label} {box.score or 0:.2f}" for number, box in sorted(outcome.hits.items())]
    missed = [f"{number + 1} {there[number].label}" for number in outcome.missed]
    false = ", ".join(f"{each.label} {each.score or 0:.2f}" for each in outcome.false[:MOST_NAMED])
    more = len(outcome.false) - MOST_NAMED
    named = Text(f"{false} and {more} more", f"{false} 等") if more > 0 else plain(false)
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


def _mark(box: Box, look: Look, key: BoxKey, number: int | None) -> Mark:
    return Mark(box, look, key.classes.index(box.label) if box.label in key.classes else 0, number)


def _with_badges(marks: Sequence[Mark], size: Size) -> list[Mark]:
    """Each with a place for its number, at a corner, where it overlaps no other if there is such a corner."""
    if size is None:
        return list(marks)
    taken: list[tuple[float, float]] = []
    high = size[0] / BADGE_SHARE
    placed = []
    for mark in marks:
        wide = 0.7 * high * len(str(mark.number))
        box = mark.box
        corners = [
            (x, y)
            for y in (box.top, box.bottom - high, box.top - high, box.bottom)
            for x in (box.left, box.right - wide)
        ]
        inside = [(max(0.0, min(x, size[0] - wide)), max(0.0, min(y, size[1] - high))) for x, y in corners]
        free = [at for at in inside if not any(abs(at[0] - x) < wide and abs(at[1] - y) < high for x, y in taken)]
        at = (free or inside)[0]
        taken.append(at)
        placed.append(mark._replace(badge=at))
    return placed
