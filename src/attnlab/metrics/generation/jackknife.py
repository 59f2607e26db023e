"""The Fréchet distance without the bias that few generated pictures bring."""

from typing import Any

import torch
from torch import Tensor

NUM_BLOCKS = 10
FEWEST = 2 * NUM_BLOCKS  # generated pictures


def jackknifed_distance(real: Tensor, generated: Tensor) -> dict[str, Any]:
    """`jackknifed`: B d - (B - 1) mean_b d(-b), of B = 10 blocks of generated pictures; `without_block`: the d(-b).

    d is the FID, whose bias falls as 1 / N, which this takes away (Quenouille, 1956); it is the distance from this very
    set of real pictures. Features are (N, F) and (M, F), float64, in random order. Below 20 generated pictures there is
    neither.
    """
    if len(generated) < FEWEST:
        return {}
    mean, root, trace = real.mean(dim=0), _root(_covariance(real)), _trace(real)

    def distance(points: Tensor) -> float:
        """|m_r - m_g|^2 + tr(C_r + C_g) - 2 tr (C_r^(1/2) C_g C_r^(1/2))^(1/2)."""
        within = torch.linalg.eigvalsh(root @ _covariance(points) @ root)
        apart = (mean - points.mean(dim=0)).square().sum()
        return float(apart + trace + _trace(points) - 2 * within.clamp(min=0).sqrt().sum())

    blocks = torch.tensor_split(torch.arange(len(generated)), NUM_BLOCKS)
    kept = torch.ones(NUM_BLOCKS, len(generated), dtype=torch.bool)
    for row, block in enumerate(blocks):
        kept[row, block] = False
    without = [distance(generated[row]) for row in kept]
    whole = distance(generated)
    return {
        "jackknifed": NUM_BLOCKS * whole - (NUM_BLOCKS - 1) * sum(without) / NUM_BLOCKS,
        "without_block": without,
    }


def _covariance(points: Tensor) -> Tensor:
    return torch.cov(points.T).reshape(points.size(1), -1)


def _root(matrix: Tensor) -> Tensor:
    """The symmetric root of a covariance."""
    values, vectors = torch.linalg.eigh(matrix)
    root: Tensor = vectors * values.clamp(min=0).sqrt() @ vectors.T
    return root


def _trace(points: Tensor) -> Tensor:
    return points.var(dim=0).sum()
