"""The state space model of Mamba-2, as attention."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Role, Side, Sides
from attnlab.attention.parts.decay_rates import log_rates, step_biases
from attnlab.attention.parts.head_norms import rms_normed
from attnlab.attention.parts.recurrence import PROPERTIES, Recurrence, Terms


class Mamba2Attention(nn.Module):
    """One step size for each token says both how much is forgotten and how strongly is written.

    S_t = exp(-A_h δ_t) S_{t-1} + δ_t k'_t v_tᵀ,   o_t = RMSNorm((S_tᵀ q'_t + D_h v_t) ⊙ SiLU(g_t))
    δ_t = softplus(x_t W_δ + b_h),   q' = SiLU(q),   k' = SiLU(k)         (Dao and Gu, 2024, sections 3 and 7)
    In its words q is C, k is B and v is x. δ and the gate g are projected from the layer's input, A and D learned for
    each head. Differs from the paper: each head has queries and keys, and a norm, of its own; D starts at zero, as one
    drowns what is read of the state at first, and recall is learned twice as slowly; a short convolution is the
    model's affair, and self-attention goes both ways.

    Cost: time T D²/H, memory T D; in chunks of 32. Decoding keeps D²/H numbers, however long.
    """

    uses = frozenset({"query", "key"})
    properties = PROPERTIES
    on_segments = True
    undecayed = frozenset({"log_rate", "step_bias", "skip", "gain"})

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        self.recurrence = Recurrence("mamba2", role=role, dropout=dropout)
        self.side = {"step": Side(1, "key"), "gate": Side(head_dim, "query")}
        self.log_rate = nn.Parameter(log_rates(num_heads))  # log A
        self.step_bias = nn.Parameter(step_biases(num_heads))
        self.skip = nn.Parameter(torch.zeros(num_heads, 1, 1))
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
        step = F.softplus(side["step"] + self.step_bias)  # (B, H, Tk, 1)
        skip = self.skip.expand(q.size(0), -1, q.size(-2), 1)
        return Terms(F.silu(q), step * F.silu(k), -self.log_rate.exp() * step, skip=skip)

    def _finished(self, x: Tensor, side: Sides) -> Tensor:
        return rms_normed(x * F.silu(side["gate"])) * self.gain
