"""Attention of several layers, and of several steps, brought down to the places of the input."""

from collections.abc import Sequence

import torch
from torch import Tensor


def attention_rollout(layers: Sequence[Tensor]) -> Tensor:
    """How much of each input token reaches each output token through all layers: (B, T, T) of weights (B, H, T, T).

    R = A'_L ... A'_1,   A'_l = (A_l + I) / 2 with the heads' mean A_l        (Abnar and Zuidema, 2020, section 3)
    Rows are scaled to sum to one, for mechanisms whose weights don't; negative weights count as zero.
    """
    identity = torch.eye(layers[0].size(-1), device=layers[0].device)
    rollout = identity
    for weights in layers:
        mixed = weights.mean(dim=1).clamp(min=0) + identity  # (B, T, T)
        rollout = mixed / mixed.sum(dim=-1, keepdim=True) @ rollout
    return rollout


def received(weights: Tensor) -> Tensor:
    """How much each key is attended to on average over queries, (..., Tk) of (..., Tq, Tk)."""
    return weights.mean(dim=-2)


def axial_received(rows: Tensor, columns: Tensor, *, batch_size: int) -> Tensor:
    """`received` of two steps, along rows and then along columns: (B, 1, h, w), each place over all places.

    `rows` (B h, M, w, w) and `columns` (B w, M, h, h) are the lines of an image in a row, the heads' mean counts:
    place (i, j) gathers column_j[i, k] row_k[j, l] of place (k, l).
    """
    along_rows, along_columns = _lines(rows, columns, batch_size)
    total = torch.einsum("bjik,bkjl->bkl", along_columns, along_rows)
    return (total / total[0].numel()).unsqueeze(1)


def axial_steps(rows: Tensor, columns: Tensor, *, batch_size: int) -> Tensor:
    """What each place gathers from each by way of its column and that place's row, (B, 1, h, w, h, w).

    Of the same two steps as `axial_received`, which is its mean over the places that gather.
    """
    along_rows, along_columns = _lines(rows, columns, batch_size)
    return torch.einsum("bjik,bkjm->bijkm", along_columns, along_rows).unsqueeze(1)


def _lines(rows: Tensor, columns: Tensor, batch_size: int) -> tuple[Tensor, Tensor]:
    """The heads' means of an image's rows (B, h, w, w) and of its columns (B, w, h, h)."""
    along_rows = torch.unflatten(rows.mean(dim=1), 0, (batch_size, -1))
    along_columns = torch.unflatten(columns.mean(dim=1), 0, (batch_size, -1))
    return along_rows, along_columns
