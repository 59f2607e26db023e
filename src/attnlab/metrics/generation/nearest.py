"""The real images that are most like a given one, as a check on copying."""

from collections.abc import Iterable

import torch
from torch import Tensor


def nearest(images: Tensor, others: Iterable[Tensor], *, num: int) -> tuple[Tensor, Tensor]:
    """Distances (N, K) and numbers (N, K) of what is nearest to images (N, C, H, W) in batches (B, C, H, W), in order.

    The distance is the root of the mean squared difference of pixels, in their unit; of equal ones the first counts.
    K is `num`, or as many as there are.
    """
    rows = images.flatten(1).double()  # (N, P)
    distances, numbers = rows.new_empty(len(rows), 0), torch.empty(len(rows), 0, dtype=torch.int64)
    seen = 0
    for batch in others:
        # Not by products, whose rounding would hide an exact copy.
        found = torch.cdist(rows, batch.flatten(1).double(), compute_mode="donot_use_mm_for_euclid_dist")
        distances = torch.cat([distances, found / rows.size(1) ** 0.5], dim=1)
        numbers = torch.cat([numbers, torch.arange(seen, seen + len(batch)).expand(len(rows), -1)], dim=1)
        seen += len(batch)
        distances, order = distances.sort(dim=1, stable=True)
        distances, numbers = distances[:, :num], numbers.gather(1, order)[:, :num]
    return distances, numbers
