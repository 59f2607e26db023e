"""Attention with a gate on each channel of its output."""

from torch import Tensor, nn

from attnlab.attention.core import Properties, Role, Side, Sides
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.fused import fused_attention


class GatedElementwiseAttention(nn.Module):
    """A gate for each channel of each head lets through what attention found, so that a query may decline it.

    w_ij = softmax_j(q_i · k_j / sqrt(Dh)),   o_i = σ(g_i) ⊙ Σ_j w_ij v_j         (Qiu et al., 2025, section 2.2, G1)
    g (B, H, Tq, Dh) is projected from the layer's input.

    Cost: time T² D, memory T D. Fused.
    """

    uses = frozenset({"query", "key"})
    properties = Properties()

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        self.scale = head_dim**-0.5
        self.causal = role == "causal"
        self.dropout = dropout
        self.side = {"gate": Side(head_dim, "query")}

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
        dropout = self.dropout if self.training else 0.0
        output = fused_attention(
            q, k, v, scale=self.scale, causal=self.causal, key_mask=key_mask, bias=bias, dropout=dropout
        )
        return self._gated(output, side)

    def weights(
        self, q: Tensor, k: Tensor, *, side: Sides, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        scores = q @ k.mT * self.scale  # (B, H, Tq, Tk)
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor, *, side: Sides) -> Tensor:
        return self._gated(weights @ v, side)

    def _gated(self, gathered: Tensor, side: Sides) -> Tensor:
        gate = side["gate"].sigmoid()
        return gathered * gate.to(gathered.dtype)
