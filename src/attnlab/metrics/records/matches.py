"""What a picture adds to average precision: which found boxes match an object, at each overlap.

COCO's rules (Lin et al., 2014): of a class, the surest box takes the free object that it overlaps most, by IoU at least
the threshold; objects that are ignored, or whose area is out of the range asked for, come last, and what takes one of
them is neither right nor wrong, as is a box that takes none and is itself out of the range.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from attnlab.metrics.class_keys import class_keys
from attnlab.metrics.records.contract import Score, Statistics

OVERLAPS: list[float] = np.linspace(0.5, 0.95, 10).tolist()
AREAS = {"all": (0.0, 1e10), "small": (0.0, 32.0**2), "medium": (32.0**2, 96.0**2), "large": (96.0**2, 1e10)}
MOST = 100  # boxes of a class in a picture

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
"""By area and overlap: 1 right, 0 wrong, -1 neither."""

WRITTEN = {1: "1", 0: "0", -1: "-"}


class Scored(Protocol):
    """What was found in a picture and what is in it; boxes are corners in the original's pixels."""

    @property
    def boxes(self) -> NDArray[np.float32]: ...  # (N, 4)
    @property
    def scores(self) -> NDArray[np.float32]: ...  # (N,)
    @property
    def labels(self) -> NDArray[np.int64]: ...  # (N,)
    @property
    def true_boxes(self) -> NDArray[np.float32]: ...  # (M, 4)
    @property
    def true_labels(self) -> NDArray[np.int64]: ...  # (M,)
    @property
    def ignored(self) -> NDArray[np.bool_]: ...  # (M,)
    @property
    def true_areas(self) -> NDArray[np.float32]: ...  # (M,) 0 where the box's own counts


class Boxes(NamedTuple):
    """Boxes of one class."""

    corners: NDArray[np.float32]  # (N, 4)
    areas: Floats  # (N,)
    ignored: NDArray[np.bool_]  # (N,)


def of_picture(picture: Scored, classes: Sequence[str]) -> Statistics:
    """`boxes`: by class, the numbers of objects that count, and of each found box, the best first, its score and what
    it is at each overlap, for each of `AREAS`: 1 right, 0 wrong, - neither; one character where all are alike.
    """
    found: Statistics = {}
    for label in sorted({*picture.labels.tolist(), *picture.true_labels.tolist()}):
        mine = np.flatnonzero(picture.labels == label)
        mine = mine[np.argsort(-picture.scores[mine], kind="stable")][:MOST]
        there = np.flatnonzero(picture.true_labels == label)
        boxes = Boxes(picture.boxes[mine], _areas(picture.boxes[mine]), np.zeros(len(mine), dtype=np.bool_))
        outlines = picture.true_areas[there].astype(np.float64)
        areas = np.where(outlines > 0, outlines, _areas(picture.true_boxes[there]))
        objects = Boxes(picture.true_boxes[there], areas, picture.ignored[there])
        codes = matched(boxes, objects)
        found[classes[label]] = {
            "objects": [int((~_out(objects, bounds)).sum()) for bounds in AREAS.values()],
            "found": [
                [float(str(score)), *map(_written, each)]
                for score, each in zip(picture.scores[mine], codes, strict=True)
            ],
        }
    return {"boxes": found}


def scores_of_pictures(rows: Sequence[Statistics], classes: Sequence[str]) -> dict[str, Score]:
    """The scores of these statistics, named as in `metrics.detection`."""
    there = {
        (name, area)
        for row in rows
        for name, boxes in row["boxes"].items()
        for area, count in zip(AREAS, boxes["objects"], strict=True)
        if count
    }
    measured = {area for _, area in there}
    scores: dict[str, Score] = {}
    if "all" in measured:
        scores |= {name: Score(name, "boxes") for name in ("ap", "ap50", "ap75")}
    scores |= {f"ap_{area}": Score(f"ap_{area}", "boxes") for area in AREAS if area != "all" and area in measured}
    for name, key in zip(classes, class_keys(classes), strict=True):
        if (name, "all") in there:
            scores[f"ap_of_{key}"] = Score("ap", "boxes", name)
    return scores


def matched(boxes: Boxes, objects: Boxes) -> Codes:
    """Of boxes of a class, the best first, what each is: (N, areas, overlaps)."""
    overlaps = overlap(boxes, objects)  # (N, M)
    least = np.minimum(OVERLAPS, 1 - 1e-10)
    spared = np.stack([_out(objects, bounds) for bounds in AREAS.values()])[:, None]  # (areas, 1, M)
    outside = np.stack([_beyond(boxes, bounds) for bounds in AREAS.values()])[:, :, None]  # (areas, N, 1)
    codes = np.where(outside, -1, 0).transpose(1, 0, 2) * np.ones((1, 1, len(least)), dtype=np.int64)
    free = np.ones((len(AREAS), len(least), len(objects.areas)), dtype=np.bool_)
    for row, each in enumerate(overlaps):
        if not (each >= least[0]).any():
            continue
        fits = (each >= least[:, None]) & free  # (areas, overlaps, M)
        counting = (fits & ~spared).any(axis=2, keepdims=True)
        wanted = np.where(counting, fits & ~spared, fits)  # what counts goes before what doesn't
        # Of equal ones the last, as in COCO's own code.
        best = each.size - 1 - np.where(wanted, each, -1.0)[:, :, ::-1].argmax(axis=2)
        places = np.nonzero(wanted.any(axis=2))
        codes[row][places] = np.where(counting[:, :, 0], 1, -1)[places]
        free[(*places, best[places])] = objects.ignored[best[places]]  # a crowd is never used up
    return codes.astype(np.int8)


def overlap(boxes: Boxes, objects: Boxes) -> Floats:
    """Intersection over union (N, M); of an ignored object, which is a crowd, over the box alone."""
    sides, others = _by_sides(boxes.corners)[:, None], _by_sides(objects.corners)[None]  # (N, 1, 4) and (1, M, 4)
    low = np.maximum(sides[..., :2], others[..., :2])
    high = np.minimum(sides[..., :2] + sides[..., 2:], others[..., :2] + others[..., 2:])
    common = np.where((high > low).all(axis=2), (high - low).prod(axis=2), 0.0)
    mine, theirs = sides[..., 2] * sides[..., 3], others[..., 2] * others[..., 3]
    whole = np.where(objects.ignored, mine, mine + theirs - common)
    found: Floats = np.divide(common, whole, out=np.zeros_like(common), where=whole > 0)
    return found


def _by_sides(corners: NDArray[np.float32]) -> Floats:
    """Left, top, width and height; of 32 bits, as torchmetrics hands them to COCO's code."""
    return np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1).astype(np.float64)


def _areas(corners: NDArray[np.float32]) -> Floats:
    areas: Floats = _by_sides(corners)[:, 2:].prod(axis=1)
    return areas


def _beyond(boxes: Boxes, bounds: tuple[float, float]) -> NDArray[np.bool_]:
    return (boxes.areas < bounds[0]) | (boxes.areas > bounds[1])


def _out(objects: Boxes, bounds: tuple[float, float]) -> NDArray[np.bool_]:
    """Those that don't count."""
    return objects.ignored | _beyond(objects, bounds)


def _written(codes: Codes) -> str:
    text = "".join(WRITTEN[code] for code in codes.tolist())
    return text[0] if len(set(text)) == 1 else text
