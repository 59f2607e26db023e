"""Rotary position embedding."""

from torch import Tensor, nn

from attnlab.attention.core import Properties, Role, RoleError
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.fused import fused_attention
from attnlab.attention.parts.turning import turned


class RotaryAttention(nn.Module):
    """Queries and keys turn with their position, so that their dot product sees how far apart they stand.

    w_ij = softmax_j((R_i q_i) · (R_j k_j) / sqrt(Dh)) = softmax_j(q_i · R_{j-i} k_j / sqrt(Dh))
    R_t turns the pair of coordinates (2n, 2n + 1) by the angle t base^(-2n / Dh)        (Su et al., 2021, eqs. 14-16)
    Keys arrive unturned, so a cache holds them so and every step turns them anew; positions are counted from the first
    key of all. Nothing is learned here, and lengths beyond `max_length` are served.

    Cost: time T² D, memory T D. Fused.

    Raises ValueError for an odd Dh or a `base` of at most 1, RoleError for the role cross.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(permutation_equivariant=False)

    def __init__(
        self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float, base: float = 10000.0
    ) -> None:
        super().__init__()
        if role == "cross":
            raise RoleError("rotary attention needs queries and keys that share one line of positions, got role cross")
        if head_dim % 2:
            raise ValueError(
                f"rotary attention turns pairs of coordinates, so the head width must be even, got {head_dim} "
                "(set model.dim or model.num_heads)"
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
        q, k = turned(q, k, base=self.base)
        return fused_attention(
            q, k, v, scale=self.scale, causal=self.causal, key_mask=key_mask, bias=bias, dropout=dropout
        )

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        q, k = turned(q, k, base=self.base)
        scores = q @ k.mT * self.scale  # (B, H, Tq, Tk)
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v
