"""Attention with linear biases."""

import torch
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role, RoleError
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.fused import fused_attention
from attnlab.attention.parts.relative_positions import all_relative_positions, spread


class AlibiAttention(nn.Module):
    """A key counts the less the farther it stands from the query; each head forgets at a rate of its own.

    w_ij = softmax_j(q_i · k_j / sqrt(Dh) - m_h |i - j|),   m_h = 2^(-8h / H) for heads h = 1 ... H
    (Press et al., 2022, section 3.) Differs from the paper: in the role self the distance counts both ways, as the
    authors suggest for encoders. Where H is no power of two, these are the slopes of the paper's text; the authors'
    code takes others. Nothing is learned here, and lengths beyond `max_length` are served.

    Cost: time T² D, memory T² H. Fused; the penalties are T² H numbers, once for a batch.

    Raises RoleError for the role cross.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(permutation_equivariant=False)

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        if role == "cross":
            raise RoleError("alibi attention needs queries and keys that share one line of positions, got role cross")
        self.scale = head_dim**-0.5
        self.causal = role == "causal"
        self.dropout = dropout

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        bias = _distance_bias(q, k) if bias is None else _distance_bias(q, k) + bias
        return fused_attention(
            q, k, v, scale=self.scale, causal=self.causal, key_mask=key_mask, bias=bias, dropout=dropout
        )

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        scores = q @ k.mT * self.scale + _distance_bias(q, k)  # (B, H, Tq, Tk)
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v


def _distance_bias(q: Tensor, k: Tensor) -> Tensor:
    """-m_h |i - j|, (H, Tq, Tk)."""
    num_heads, num_queries = q.size(1), q.size(-2)
    distance = all_relative_positions(num_queries, k.size(-2), q.device).abs()
    dtype = torch.promote_types(q.dtype, torch.float32)  # distances are beyond what bfloat16 counts
    slope = torch.exp2(-8 / num_heads * torch.arange(1, num_heads + 1, dtype=dtype, device=q.device))  # (H,)
    return spread((-slope[:, None] * distance).to(q.dtype), num_queries)
