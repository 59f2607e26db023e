"""Kimi delta attention."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Role, Side, Sides
from attnlab.attention.parts.decay_rates import log_rates, step_biases
from attnlab.attention.parts.head_norms import of_unit_length, rms_normed
from attnlab.attention.parts.recurrence import MOST_FORGOTTEN, PROPERTIES, Recurrence, Terms


class KdaAttention(nn.Module):
    """Gated delta rule in which each channel of the state decays at a rate of its own.

    S_t = (I - β_t k̂_t k̂_tᵀ) Diag(α_t) S_{t-1} + β_t k̂_t v_tᵀ,   o_t = RMSNorm(S_tᵀ q̂_t / sqrt(Dh)) ⊙ σ(g_t)
    α_t = exp(-A_h softplus(x_t W_α + b)),   β_t = σ(x_t W_β),   q̂ and k̂ as in `deltanet`
    (Kimi Team, 2025, eq. 1)
    α and g, each by a matrix of rank Dh, and β are projected from the layer's input, A is learned for each head, b for
    each channel. Differs from the paper: a channel keeps e^-5 a step or more, a short convolution is the model's
    affair, and self-attention goes both ways. From flash-linear-attention's code it differs by that floor alone: of
    outputs of about 0.6 by 0.002, where in one step of 300 a channel is to keep less.

    Cost: time T D²/H, memory T D; in chunks of 32. Decoding keeps D²/H numbers, however long.
    """

    uses = frozenset({"query", "key"})
    properties = PROPERTIES
    on_segments = True
    undecayed = frozenset({"log_rate", "step_bias", "gain"})

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        self.scale = head_dim**-0.5
        self.recurrence = Recurrence("kda", role=role, dropout=dropout)
        self.side = {
            "decay": Side(head_dim, "key", rank=head_dim),
            "strength": Side(1, "key"),
            "gate": Side(head_dim, "query", rank=head_dim),
        }
        self.log_rate = nn.Parameter(log_rates(num_heads))  # log A
        self.step_bias = nn.Parameter(step_biases(head_dim).view(1, 1, -1).repeat(num_heads, 1, 1))
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
        log_decay = -self.log_rate.exp() * F.softplus(side["decay"] + self.step_bias)  # (B, H, Tk, Dh)
        log_decay = log_decay.clamp(min=MOST_FORGOTTEN)
        strength, unit = side["strength"].sigmoid(), of_unit_length(F.silu(k))
        written = strength * unit
        read = of_unit_length(F.silu(q)) * self.scale
        return Terms(read, written, log_decay, b=-written, c=unit * log_decay.exp())

    def _finished(self, x: Tensor, side: Sides) -> Tensor:
        return rms_normed(x) * self.gain * side["gate"].sigmoid()
