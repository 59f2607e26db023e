"""How often a classifier is right, and whether it knows."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torchmetrics.classification import MulticlassAccuracy, MulticlassCalibrationError, MulticlassConfusionMatrix

from attnlab.metrics.class_keys import class_keys

TOP = 5
TOP_FROM = 2 * TOP + 1  # classes: with fewer the right one is among five guesses too easily


class ClassificationScores(nn.Module):
    """Scores of a split, added up batch by batch, over all processes.

    `accuracy`: share of images whose most probable class is theirs.
    `top5_accuracy`: share whose class is among the five most probable ones; measured with more than ten classes.
    `calibration_error`: sum_b n_b / N |accuracy_b - confidence_b| over `num_bins` bins of equal width, in which images
    fall by the probability of their most probable class, the confidence (Naeini et al., 2015; Guo et al., 2017, eq. 3).
    """

    def __init__(self, num_classes: int, *, num_bins: int) -> None:
        super().__init__()
        self.counts = MulticlassConfusionMatrix(num_classes, validate_args=False)
        self.calibration = MulticlassCalibrationError(num_classes, n_bins=num_bins, norm="l1", validate_args=False)
        self.top = (
            MulticlassAccuracy(num_classes, top_k=TOP, average="micro", validate_args=False)
            if num_classes >= TOP_FROM
            else None
        )

    def reset(self) -> None:
        """Begin anew."""
        for metric in self._metrics():
            metric.reset()

    def update(self, probabilities: Tensor, labels: Tensor) -> None:
        """Add a batch: float32 (B, K) and int64 (B,)."""
        for metric in self._metrics():
            metric.update(probabilities, labels)

    def compute(self) -> dict[str, float | Tensor]:
        """The scores so far."""
        counts = self.confusion()
        right, images = int(counts.trace()), int(counts.sum())
        scores: dict[str, float | Tensor] = {"accuracy": right / images if images else float("nan")}
        if self.top is not None:
            share = float(self.top.compute())  # torchmetrics divides in 32 bits
            scores[f"top{TOP}_accuracy"] = round(share * images) / images if images else share
        return scores | {"calibration_error": self.calibration.compute()}

    def confusion(self) -> Tensor:
        """Images of each class, in rows, by what they were taken for, in columns: (K, K)."""
        counts: Tensor = self.counts.compute()
        return counts

    def _metrics(self) -> list[MulticlassAccuracy | MulticlassCalibrationError | MulticlassConfusionMatrix]:
        return [self.counts, self.calibration, *([self.top] if self.top is not None else [])]


def in_bins(probabilities: Tensor, labels: Tensor, *, num_bins: int) -> Tensor:
    """The bin of each image, from 0, in which `calibration_error` counts it, its confidence, and 1 for a hit: (B, 3).

    A confidence of 1 has a bin of its own, as in torchmetrics.
    """
    confidence, guess = probabilities.max(dim=1)
    bounds = torch.linspace(0, 1, num_bins + 1, dtype=confidence.dtype, device=confidence.device)
    bins = torch.bucketize(confidence, bounds, right=True) - 1
    return torch.stack([bins.to(confidence.dtype), confidence, (guess == labels).to(confidence.dtype)], dim=1)


def calibration_error(binned: Sequence[Sequence[float]]) -> float:
    """That of images by their rows of `in_bins`, summed in 64 bits; NaN of none."""
    if not binned:
        return float("nan")
    table = np.array(binned)
    gaps = np.bincount(table[:, 0].astype(np.int64), weights=table[:, 2] - table[:, 1])
    return float(np.abs(gaps).sum() / len(table))


def scores_by_class(counts: Tensor, classes: Sequence[str]) -> dict[str, float]:
    """`f1_CLASS`, `precision_CLASS` and `recall_CLASS` of counts (K, K) as in `confusion`; 0 where it is 0 / 0.

    A class of which there is no image has none of them.
    """
    right = counts.diagonal().double()
    precision = (right / counts.sum(dim=0).clamp(min=1)).tolist()
    recall = (right / counts.sum(dim=1).clamp(min=1)).tolist()
    f1 = (2 * right / (counts.sum(dim=0) + counts.sum(dim=1)).clamp(min=1)).tolist()
    scores: dict[str, float] = {}
    known = counts.sum(dim=1).tolist()
    for number, name in enumerate(class_keys(classes)):
        if not known[number]:
            continue
        scores |= {f"f1_{name}": f1[number], f"precision_{name}": precision[number], f"recall_{name}": recall[number]}
    return scores
