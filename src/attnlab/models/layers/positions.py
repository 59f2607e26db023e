"""Absolute positions, added to the embeddings of a model that would otherwise not know the order."""

import math

import torch
from torch import Tensor, nn


def sinusoidal_table(max_length: int, dim: int) -> Tensor:
    """P[t, 2i] = sin(t / 10000^(2i / D)), P[t, 2i + 1] = cos(the same)        (Vaswani et al., 2017, section 3.5)

    (max_length, dim); ValueError where dim is odd.
    """
    if dim % 2:
        raise ValueError(f"sinusoidal positions need an even width, got {dim} (set model.dim)")
    time = torch.arange(max_length, dtype=torch.float64).unsqueeze(1)  # (T, 1)
    angle = time * torch.exp(torch.arange(0, dim, 2, dtype=torch.float64) * (-math.log(10000.0) / dim))  # (T, D / 2)
    return torch.stack([angle.sin(), angle.cos()], dim=2).flatten(1).float()


class Positions(nn.Module):
    """x_t + P[t]: P is sinusoidal, or learned from the same start where `learned`.

    `max_length` is the longest sequence taken, set by the config key `key`. (B, T, D) -> (B, T, D).
    """

    def __init__(self, max_length: int, dim: int, *, learned: bool, key: str) -> None:
        super().__init__()
        self.max_length = max_length
        self.key = key
        table = sinusoidal_table(max_length, dim)
        if learned:
            self.table = nn.Parameter(table)
        else:
            self.register_buffer("table", table, persistent=False)

    def forward(self, x: Tensor, start: int = 0) -> Tensor:
        """Adds the positions start, start + 1, ...; ValueError past the last."""
        end = start + x.shape[1]
        self._check(end)
        return x + self.table[start:end]

    def at(self, x: Tensor, places: Tensor) -> Tensor:
        """Adds the positions `places` (B, T), counted from 0, which lie within x; ValueError for a longer x."""
        self._check(x.shape[1])
        return x + self.table[places]

    def _check(self, length: int) -> None:
        if length > self.max_length:
            raise ValueError(f"sequences must be at most {self.max_length} tokens long, got {length} (set {self.key})")
