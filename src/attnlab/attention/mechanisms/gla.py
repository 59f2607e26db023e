"""Gated linear attention."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Role, Side, Sides
from attnlab.attention.parts.head_norms import rms_normed
from attnlab.attention.parts.recurrence import MOST_FORGOTTEN, PROPERTIES, Recurrence, Terms
from attnlab.errors import at_least

TEMPERATURE = 16.0  # τ


class GlaAttention(nn.Module):
    """Each channel of the state forgets as the input says; gates begin open, so that it forgets slowly at first.

    S_t = Diag(α_t) S_{t-1} + k_t v_tᵀ,   o_t = RMSNorm(S_tᵀ q_t / sqrt(Dh)) ⊙ SiLU(g_t),   α_t = σ(x_t W_α + b)^(1/τ)
    w_ij = q_i · (k_j ⊙ α_{j+1} ⊙ ... ⊙ α_i) / sqrt(Dh)         (Yang et al., 2024, eqs. 3-4, section 4.4)
    α, by a matrix of `rank`, and g are projected from the layer's input; τ is 16. Differs from the paper: a channel
    keeps e^-5 a step or more, and self-attention goes both ways. ValueError for a `rank` below 1.

    Cost: time T D²/H, memory T D; in chunks of 32. Decoding keeps D²/H numbers, however long.
    """

    uses = frozenset({"query", "key"})
    properties = PROPERTIES
    on_segments = True
    undecayed = frozenset({"decay_bias", "gain"})

    def __init__(
        self,
        *,
        num_heads: int,
        head_dim: int,
        role: Role,
        max_length: int,
        dropout: float,
        rank: int = 16,
    ) -> None:
        super().__init__()
        at_least(1, "attention.core", rank=rank)
        self.scale = head_dim**-0.5
        self.recurrence = Recurrence("gla", role=role, dropout=dropout)
        self.side = {"decay": Side(head_dim, "key", rank=rank), "gate": Side(head_dim, "query")}
        self.decay_bias = nn.Parameter(torch.zeros(num_heads, 1, head_dim))
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
        log_decay = F.logsigmoid(side["decay"] + self.decay_bias) / TEMPERATURE
        return Terms(q * self.scale, k, log_decay.clamp(min=MOST_FORGOTTEN))

    def _finished(self, x: Tensor, side: Sides) -> Tensor:
        return rms_normed(x) * self.gain * F.silu(side["gate"])
