"""Retention, with a fixed decay for each head."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Role, Side, Sides
from attnlab.attention.parts.head_norms import rms_normed
from attnlab.attention.parts.recurrence import PROPERTIES, Recurrence, Terms


class RetnetAttention(nn.Module):
    """What was written fades at a fixed rate, another one for each head, and keys compete with nothing.

    S_t = γ_h S_{t-1} + k_t v_tᵀ,   o_t = SiLU(g_t) ⊙ RMSNorm(S_tᵀ q_t / sqrt(Dh)),   γ_h = 1 - 2^(-5 - h)
    w_ij = γ^(i - j) q_i · k_j / sqrt(Dh) for j <= i         (Sun et al., 2023, eqs. 5-8)
    The gate g is projected from the layer's input. Differs from the paper: queries and keys aren't turned, as positions
    are the model's affair, rates repeat after eight heads, and self-attention goes both ways.

    Cost: time T D²/H, memory T D; in chunks of 32. Decoding keeps D²/H numbers, however long.
    """

    uses = frozenset({"query", "key"})
    properties = PROPERTIES
    on_segments = True

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        self.scale = head_dim**-0.5
        self.recurrence = Recurrence("retnet", role=role, dropout=dropout)
        self.side = {"gate": Side(head_dim, "query")}
        self.exponents: Tensor  # whole, so that no cast of the module rounds the rates
        self.register_buffer("exponents", torch.arange(num_heads).view(-1, 1, 1) % 8 + 5, persistent=False)

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
        wide = torch.promote_types(k.dtype, torch.float32)
        log_decay = torch.log1p(-torch.exp2(-self.exponents.to(wide)))  # (H, 1, 1)
        return Terms(q * self.scale, k, log_decay.expand(1, -1, k.size(-2), 1))

    def _finished(self, x: Tensor, side: Sides) -> Tensor:
        return rms_normed(x) * F.silu(side["gate"])
