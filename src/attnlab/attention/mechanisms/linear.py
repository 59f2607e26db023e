"""Linear attention."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import allowed_mask
from attnlab.attention.parts.kernel_attention import kernel_attention, kernel_weights


class LinearAttention(nn.Module):
    """The exponential of a dot product gives way to a dot product of features, so that sums over keys are shared.

    w_ij = φ(q_i) · φ(k_j) / sum_j' φ(q_i) · φ(k_j'),   φ(x) = elu(x) + 1        (Katharopoulos et al., 2020, eqs. 4, 7)
    Cost linear in the length; causal attention goes by running sums over chunks. Dropout drops a key for all queries of
    its head at once, as single weights don't exist. There are no scores, so a bias raises ValueError.

    Cost: time T D²/H, memory T D. A causal one goes in chunks of 64 queries.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(takes_bias=False)

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        self.causal = role == "causal"
        self.dropout = dropout

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        query_features, key_features = self._features(q, k, key_mask, bias)
        return kernel_attention(query_features, key_features, v, causal=self.causal, dropout=dropout).to(v.dtype)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        return kernel_weights(*self._features(q, k, key_mask, bias), causal=self.causal).to(q.dtype)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v

    def _features(self, q: Tensor, k: Tensor, key_mask: Tensor | None, bias: Tensor | None) -> tuple[Tensor, Tensor]:
        """φ(q) and φ(k), (B, H, T, Dh)."""
        if bias is not None:
            raise ValueError("linear attention has no scores, so it takes no bias")
        wide = torch.promote_types(q.dtype, torch.float32)  # long sums lose what bfloat16 can't hold
        query_features, key_features = F.elu(q.to(wide)) + 1, F.elu(k.to(wide)) + 1
        allowed = allowed_mask(q, k, causal=False, key_mask=key_mask)  # (B, 1, 1, Tk) or None
        return query_features, key_features if allowed is None else key_features.masked_fill(~allowed.mT, 0.0)
