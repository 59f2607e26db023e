"""How well boxes were found: COCO's average precision."""

import logging
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchmetrics.detection import MeanAveragePrecision

from attnlab.metrics.class_keys import class_keys

BACKEND: Final = "faster_coco_eval"
# In 64 bits, as COCO's own code has them: of 32 bits 0.6 is a little more, which a recall of 6 in 10 doesn't reach.
RECALLS: Final[list[float]] = np.linspace(0, 1, 101).tolist()
OVERLAPS: Final[list[float]] = np.linspace(0.5, 0.95, 10).tolist()
logging.getLogger(BACKEND).setLevel(logging.WARNING)  # it would log its table of scores each time


class ScoredPicture(NamedTuple):
    """What was found in a picture and what is in it; boxes are corners in the original's pixels."""

    id: int
    boxes: NDArray[np.float32]  # (N, 4)
    scores: NDArray[np.float32]  # (N,)
    labels: NDArray[np.int64]  # (N,)
    true_boxes: NDArray[np.float32]  # (M, 4)
    true_labels: NDArray[np.int64]  # (M,)
    ignored: NDArray[np.bool_]  # (M,) neither right nor wrong to find
    true_areas: NDArray[np.float32]  # (M,) of outlines; 0 where the box's own counts


def average_precision(pictures: Sequence[ScoredPicture], classes: Sequence[str]) -> dict[str, float]:
    """COCO's scores (Lin et al., 2014), from 0 to 1.

    `ap`: area under precision by recall, at 101 recalls, the mean over classes and over overlaps (IoU) from 0.5 to
    0.95; `ap50` and `ap75`: at that overlap. `ap_small`, `ap_medium`, `ap_large`: of objects of an area below
    32^2, up to 96^2 and above, in the original's pixels. `ap_of_CLASS`. At most 100 boxes a picture count. What no
    object can measure is left out.
    """
    metric = MeanAveragePrecision(
        iou_type="bbox",
        iou_thresholds=OVERLAPS,
        rec_thresholds=RECALLS,
        class_metrics=True,
        backend=BACKEND,
        sync_on_compute=False,
    )
    metric.update([_found(each) for each in pictures], [_true(each) for each in pictures])
    found: dict[str, Tensor] = metric.compute()
    names = {"ap": "map", "ap50": "map_50", "ap75": "map_75"}
    scores = {ours: float(found[theirs]) for ours, theirs in names.items()}
    scores |= {f"ap_{size}": float(found[f"map_{size}"]) for size in ("small", "medium", "large")}
    by_class = zip(found["classes"].reshape(-1).tolist(), found["map_per_class"].reshape(-1).tolist(), strict=True)
    keys = class_keys(classes)
    scores |= {f"ap_of_{keys[label]}": score for label, score in by_class}
    return {name: score for name, score in scores.items() if score >= 0}


def signature() -> str:
    """What computed the scores, so that they can be compared."""
    return (
        f"torchmetrics|version:{version('torchmetrics')}|backend:{BACKEND} {version('faster-coco-eval')}"
        "|iou:bbox 0.50:0.05:0.95|recall:0:0.01:1|areas:as annotated|most:100"
    )


def _found(picture: ScoredPicture) -> dict[str, Tensor]:
    return {
        "boxes": torch.from_numpy(picture.boxes),
        "scores": torch.from_numpy(picture.scores),
        "labels": torch.from_numpy(picture.labels),
    }


def _true(picture: ScoredPicture) -> dict[str, Tensor]:
    return {
        "boxes": torch.from_numpy(picture.true_boxes),
        "labels": torch.from_numpy(picture.true_labels),
        "iscrowd": torch.from_numpy(picture.ignored.astype(np.int64)),
        "area": torch.from_numpy(picture.true_areas),
    }
