"""The time mixing of RWKV-7."""

import math

import torch
from torch import Tensor, nn

from attnlab.attention.core import Role, Side, Sides
from attnlab.attention.parts.head_norms import centred_normed, of_unit_length
from attnlab.attention.parts.recurrence import PROPERTIES, Recurrence, Terms
from attnlab.errors import at_least


class Rwkv7Attention(nn.Module):
    """A delta rule that removes by one vector and writes by another, with a rate of learning for each channel.

    S_t = (Diag(w_t) - (a_t ⊙ κ_t) κ_tᵀ) S_{t-1} + k'_t v_tᵀ
    o_t = LayerNorm(S_tᵀ q_t + (q_t · (ρ ⊙ k'_t)) v_t) ⊙ σ(g_t)
    w_t = exp(-e^-½ σ(x_t W_w + b_w)),   a_t = σ(x_t W_a + b_a)
    κ_t = k_t ⊙ ξ / |k_t ⊙ ξ|,   k'_t = k_t ⊙ (1 + (a_t - 1) ⊙ μ)
    (Peng et al., 2025, eqs. 4-20.) w, a and g are projected from the layer's input, each by a matrix of `rank`; ξ, μ, ρ
    and the biases are learned for each channel. Differs from the paper: the small nets behind w and g have nothing
    between their matrices, the norm has no shift, token shift and the mixing of values over layers are the model's
    affair, and self-attention goes both ways. ValueError for a `rank` below 1.

    Cost: time T D²/H, memory T D; in chunks of 32. Decoding keeps D²/H numbers, however long.
    """

    uses = frozenset({"query", "key"})
    properties = PROPERTIES
    on_segments = True
    undecayed = frozenset({"decay_bias", "rate_bias", "removal", "mix", "bonus", "gain"})

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
        self.recurrence = Recurrence("rwkv7", role=role, dropout=dropout)
        self.side = {
            "decay": Side(head_dim, "key", rank=rank),
            "rate": Side(head_dim, "key", rank=rank),
            "gate": Side(head_dim, "query", rank=rank),
        }
        self.decay_bias = nn.Parameter(torch.linspace(-6.0, -1.0, head_dim).repeat(num_heads, 1, 1))
        self.rate_bias = nn.Parameter(torch.zeros(num_heads, 1, head_dim))
        self.removal = nn.Parameter(torch.ones(num_heads, 1, head_dim))  # ξ
        self.mix = nn.Parameter(torch.ones(num_heads, 1, head_dim))  # μ
        self.bonus = nn.Parameter(torch.zeros(num_heads, 1, head_dim))  # ρ
        self.gain = nn.Parameter(torch.ones(num_heads, 1, head_dim))

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
        log_decay = -math.exp(-0.5) * (side["decay"] + self.decay_bias).sigmoid()  # (B, H, Tk, Dh)
        rate = (side["rate"] + self.rate_bias).sigmoid()
        removed = of_unit_length(k * self.removal)
        written = k * (1 + (rate - 1) * self.mix)
        own = written[..., written.size(-2) - q.size(-2) :, :]
        skip = (q * self.bonus * own).sum(-1, keepdim=True)
        return Terms(q, written, log_decay, b=-rate * removed, c=removed, skip=skip)

    def _finished(self, x: Tensor, side: Sides) -> Tensor:
        return centred_normed(x) * self.gain * side["gate"].sigmoid()
