"""Average precision of matches, and what it is without each picture, to the last bit that the reported score has."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attnlab.metrics.records.contract import Statistics
from attnlab.metrics.records.matches import AREAS, OVERLAPS

RECALLS = np.linspace(0, 1, 101)
AT_ONCE = 2_000_000  # cells of a table of groups and right boxes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Kind(NamedTuple):
    """Which objects and overlaps an average precision is of: places in `AREAS` and in `OVERLAPS`."""

    area: int
    overlaps: tuple[int, ...]


EVERY = tuple(range(len(OVERLAPS)))
AVERAGE_PRECISION = {
    "ap": Kind(0, EVERY),
    "ap50": Kind(0, (0,)),
    "ap75": Kind(0, (5,)),
    **{f"ap_{area}": Kind(number, EVERY) for number, area in enumerate(AREAS) if number},
}
"""By the names that records have for them."""


class Ranked(NamedTuple):
    """The found boxes of a class over all pictures, the best first, and how many objects there are."""

    codes: NDArray[np.int8]  # (N, overlaps) 1 right, 0 wrong, -1 neither
    groups: Ints  # (N,)
    objects: Ints  # (groups,)


def ranked(rows: Sequence[Statistics], groups: Ints, *, name: str, area: int) -> Ranked:
    """Of class `name`; `groups` (pictures,) says which pictures are left out together, by numbers from 0."""
    objects = np.zeros(int(groups.max(initial=-1)) + 1, dtype=np.int64)
    scores, codes, owners = [], [], []
    for row, group in zip(rows, groups.tolist(), strict=True):
        if (boxes := row["boxes"].get(name)) is None:
            continue
        objects[group] += boxes["objects"][area]
        for score, *each in boxes["found"]:
            scores.append(score)
            codes.append(_read(each[area]))
            owners.append(group)
    order = np.argsort(-np.asarray(scores, dtype=np.float32), kind="stable")
    table = np.asarray(codes, dtype=np.int8).reshape(-1, len(OVERLAPS))
    return Ranked(table[order], np.asarray(owners, dtype=np.int64)[order], objects)


def _read(text: str) -> list[int]:
    codes = [{"1": 1, "0": 0, "-": -1}[each] for each in text]
    return codes * len(OVERLAPS) if len(codes) == 1 else codes


def precisions(boxes: Ranked, overlap: int) -> Floats:
    """A class's average precision at an overlap, and without each group: (1 + groups,); NaN without an object.

    AP = 1/101 sum_r max of precision at recalls of r and above. The maximum is always at a right box, so that only
    these are looked at: the i-th of them has precision i / (boxes that count up to it).
    """
    counted = boxes.codes[:, overlap] >= 0
    right, groups = boxes.codes[counted, overlap] == 1, boxes.groups[counted]
    places = np.flatnonzero(right)  # (M,)
    total = int(boxes.objects.sum())
    found = np.empty(1 + len(boxes.objects))
    found[0] = found[1:] = _area(np.arange(1, len(places) + 1)[None] / (places + 1), np.array([total]))[0]
    touched = np.union1d(groups, np.flatnonzero(boxes.objects))
    for some in np.array_split(touched, max(1, -(-len(touched) * (len(places) + 1) // AT_ONCE))):
        found[1 + some] = _without(some, right, groups, places, total - boxes.objects[some])
    return found


def _without(some: Ints, right: NDArray[np.bool_], groups: Ints, places: Ints, totals: Ints) -> Floats:
    """The same without each of `some` groups, of which `totals` objects are left."""
    width = len(places) + 1
    mine = np.flatnonzero(np.isin(groups, some))
    rows, columns = np.searchsorted(some, groups[mine]), np.searchsorted(places, mine)
    shape = (len(some), width)
    flat = rows * width + columns
    gone = np.bincount(flat, minlength=len(some) * width).reshape(shape).cumsum(axis=1)[:, :-1]
    own = np.bincount(flat[right[mine]], minlength=len(some) * width).reshape(shape)[:, :-1]
    ranks = np.arange(1, width) - own.cumsum(axis=1)  # (groups, M) right boxes up to each, their own left out
    kept = own == 0
    precision = np.where(kept, ranks / np.maximum(1, places + 1 - gone), 0.0)
    best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    table = np.zeros((len(some), width))
    at = np.nonzero(kept)
    table[at[0], ranks[at] - 1] = best[at]
    return _area(table[:, :-1], totals, monotone=True)


def _area(precision: Floats, totals: Ints, *, monotone: bool = False) -> Floats:
    """The mean over recalls of precision (groups, M) at the i-th right box, of `totals` objects; 0 beyond the last."""
    best = precision if monotone else np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    if not best.shape[1]:
        best = np.zeros((len(totals), 1))
    wanted = _right_boxes_for(totals)  # (groups, recalls)
    within = wanted <= best.shape[1]
    values = np.where(within, np.take_along_axis(best, np.minimum(wanted, best.shape[1]) - 1, axis=1), 0.0)
    return np.where(totals > 0, values.mean(axis=1), np.nan)


def _right_boxes_for(totals: Ints) -> Ints:
    """How many right boxes, one or more, reach each recall, of so many objects, in 64 bits as COCO's code has it."""
    sizes = np.maximum(1, totals)[:, None].astype(np.int64)
    found: Ints = np.maximum(1, np.ceil(RECALLS * sizes).astype(np.int64))
    # The product's last bit may be rounded otherwise than the quotient's.
    found -= (found > 1) & ((found - 1) / sizes >= RECALLS)
    found += found / sizes < RECALLS
    return found


def average(rows: Sequence[Statistics], groups: Ints, kind: Kind, names: Sequence[str]) -> Floats:
    """The mean over classes that have an object and over overlaps, and without each group: (1 + groups,).

    NaN where no class has one.
    """
    num = int(groups.max(initial=-1)) + 1
    totals, counts = np.zeros(1 + num), np.zeros(1 + num)
    for name in names:
        boxes = ranked(rows, groups, name=name, area=kind.area)
        for overlap in kind.overlaps:
            found = precisions(boxes, overlap)
            totals += np.nan_to_num(found)
            counts += ~np.isnan(found)
    means: Floats = np.divide(totals, counts, out=np.full(1 + num, np.nan), where=counts > 0)
    return means


def num_objects(rows: Sequence[Statistics], kind: Kind, names: Sequence[str]) -> int:
    """How many are there to be found."""
    return sum(row["boxes"][name]["objects"][kind.area] for row in rows for name in names if name in row["boxes"])


def class_names(rows: Sequence[Statistics]) -> list[Any]:
    """The classes of which something is there or was found."""
    return sorted({name for row in rows for name in row["boxes"]})
