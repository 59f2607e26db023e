"""The delta rule."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Role, Side, Sides
from attnlab.attention.parts.head_norms import of_unit_length, rms_normed
from attnlab.attention.parts.recurrence import PROPERTIES, Recurrence, Terms


class DeltanetAttention(nn.Module):
    """A key's old value is taken out before the new one is written: the state is a memory that can be corrected.

    S_t = (I - β_t k̂_t k̂_tᵀ) S_{t-1} + β_t k̂_t v_tᵀ,   o_t = RMSNorm(S_tᵀ q̂_t / sqrt(Dh))
    β_t = σ(x_t W_β),   q̂ = SiLU(q) / |SiLU(q)|,   k̂ likewise         (Yang et al., 2024, eqs. 2-3; Schlag et al., 2021)
    β is projected from the layer's input. Differs from the paper: a short convolution is the model's affair, and
    self-attention goes both ways.

    Cost: time T D²/H, memory T D; in chunks of 32. Decoding keeps D²/H numbers, however long.
    """

    uses = frozenset({"query", "key"})
    properties = PROPERTIES
    on_segments = True
    undecayed = frozenset({"gain"})

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        self.scale = head_dim**-0.5
        self.recurrence = Recurrence("deltanet", role=role, dropout=dropout)
        self.side = {"strength": Side(1, "key")}
        self.gain = nn.Parameter(torch.ones(head_dim))

    def forward(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        *,
        side: Sides,
        key_mask: Tensor | None = None,
        bias: Tensor | None = None,
    ) -> Tensor:
        output = self.recurrence(self._terms(q, k, side), v, key_mask=key_mask, bias=bias)
        return self._finished(output, side).to(v.dtype)

    def weights(
        self, q: Tensor, k: Tensor, *, side: Sides, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        return self.recurrence.weights(self._terms(q, k, side), key_mask=key_mask, bias=bias).to(q.dtype)

    def combine(self, weights: Tensor, v: Tensor, *, side: Sides) -> Tensor:
        return self._finished(weights @ v, side).to(v.dtype)

    def advance(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        state: tuple[Tensor, ...] | None,
        *,
        side: Sides,
        key_mask: Tensor | None = None,
        segments: Tensor | None = None,
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        terms = self._terms(q, k, side)
        output, state = self.recurrence.advance(terms, v, state, key_mask=key_mask, segments=segments)
        return self._finished(output, side).to(v.dtype), state

    def _terms(self, q: Tensor, k: Tensor, side: Sides) -> Terms:
        strength, unit = side["strength"].sigmoid(), of_unit_length(F.silu(k))
        written = strength * unit
        return Terms(of_unit_length(F.silu(q)) * self.scale, written, b=-written, c=unit)

    def _finished(self, x: Tensor, side: Sides) -> Tensor:
        return rms_normed(x) * self.gain
