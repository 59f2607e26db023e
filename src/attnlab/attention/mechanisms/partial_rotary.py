"""Rotary position embedding of a part of the channels."""

import torch
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role, RoleError
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.fused import fused_attention
from attnlab.attention.parts.turning import turned


class PartialRotaryAttention(nn.Module):
    """Some channels of queries and keys turn with their position, the others see content alone, however far it lies.

    w_ij = softmax_j((R_i q_i[:r] · R_j k_j[:r] + q_i[r:] · k_j[r:]) / sqrt(Dh))
    r = `share` Dh, an even number, 2 or more; R_t as in `rotary`, with r in the place of Dh
    (Black et al., 2022, GPT-NeoX-20B, section 2.1: share 0.25)

    Cost: time T² D, memory T D. Fused.

    Raises ValueError for a `share` outside (0, 1) or a Dh of which it leaves no channel, and for a `base` of
    at most 1; RoleError for the role cross.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(permutation_equivariant=False)

    def __init__(
        self,
        *,
        num_heads: int,
        head_dim: int,
        role: Role,
        max_length: int,
        dropout: float,
        share: float = 0.25,
        base: float = 10000.0,
    ) -> None:
        super().__init__()
        if role == "cross":
            raise RoleError(
                "partial_rotary attention needs queries and keys that share one line of positions, got role cross"
            )
        if not 0 < share < 1:
            raise ValueError(f"share must be between 0 and 1, got {share} (set attention.core.share)")
        self.num_turned = max(2, 2 * round(share * head_dim / 2))
        if self.num_turned >= head_dim:
            raise ValueError(
                f"partial_rotary attention must leave channels that don't turn, got a share of {share} of a head "
                f"width of {head_dim} (set attention.core.share, model.dim or model.num_heads)"
            )
        if base <= 1:
            raise ValueError(f"base must be greater than 1, got {base} (set attention.core.base)")
        self.scale = head_dim**-0.5
        self.causal = role == "causal"
        self.dropout = dropout
        self.base = base

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        q, k = self._turned(q, k)
        return fused_attention(
            q, k, v, scale=self.scale, causal=self.causal, key_mask=key_mask, bias=bias, dropout=dropout
        )

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        q, k = self._turned(q, k)
        scores = q @ k.mT * self.scale  # (B, H, Tq, Tk)
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v

    def _turned(self, q: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
        """Queries and keys whose first channels are turned."""
        r = self.num_turned
        q_turned, k_turned = turned(q[..., :r], k[..., :r], base=self.base)
        return torch.cat([q_turned, q[..., r:]], dim=-1), torch.cat([k_turned, k[..., r:]], dim=-1)
