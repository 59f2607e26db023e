"""Talking-heads attention."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import allowed_mask, masked_softmax


class TalkingHeadsAttention(nn.Module):
    """Heads hear each other, on what they are about to look for and again on what they found.

    w_h = sum_g M_hg softmax_j(sum_f L_gf q_f · k_f / sqrt(Dh))        (Shazeer et al., 2020, section 5)
    L and M, (H, H), mix the logits and the weights of all heads. A mask and a bias act between the two, on the mixed
    logits; masked keys stay at zero. Differs from the paper: L and M start at the identity, where this is `scaled_dot`.

    Weights may be negative and a row may sum to anything. All pairs of all heads are held in memory.

    Cost: time T² (D + H²), memory T² H.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(rows_sum_to_one=False, non_negative=False)

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        self.scale = head_dim**-0.5
        self.causal = role == "causal"
        self.dropout = dropout
        self.logit_mix = nn.Parameter(torch.eye(num_heads))  # L
        self.weight_mix = nn.Parameter(torch.eye(num_heads))  # M

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        weights = self.weights(q, k, key_mask=key_mask, bias=bias)
        return self.combine(F.dropout(weights, self.dropout, self.training), v)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        logits = torch.einsum("hg,bgij->bhij", self.logit_mix, q @ k.mT * self.scale)  # (B, H, Tq, Tk)
        found = masked_softmax(logits, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)
        return torch.einsum("hg,bgij->bhij", self.weight_mix, found)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v
