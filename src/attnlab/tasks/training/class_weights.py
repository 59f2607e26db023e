"""How much an image of each class counts in a loss."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

ClassWeights = Literal["balanced"] | Sequence[float] | None


def check_class_weights(given: ClassWeights, num_classes: int | None) -> None:
    """ValueError for weights that aren't above 0, or aren't one a class; None where the classes aren't known yet."""
    if given is None or given == "balanced":
        return
    if not all(0 < float(weight) < float("inf") for weight in given):
        raise ValueError(f"class_weights must be above 0 and finite, got {list(given)} (set task.class_weights)")
    if num_classes is not None and len(given) != num_classes:
        raise ValueError(
            f"class_weights must be one for each of the {num_classes} classes, in their order, got {len(given)} "
            "(set task.class_weights)"
        )


def balanced(labels: Tensor, num_classes: int) -> Tensor:
    """Weights with which each class counts alike: w_c = N / (K n_c), of N labels (N,), n_c of them of class c of K.

    Their mean over the images is 1. A class without images has weight 1.
    """
    counts = torch.bincount(labels.cpu(), minlength=num_classes).double()  # (K,)
    weights = len(labels) / (num_classes * counts)
    return torch.where(counts > 0, weights, 1.0).float()
