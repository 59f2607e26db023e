"""Dense synthesizer attention."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role, require_length
from attnlab.attention.masks import allowed_mask, masked_softmax


class SynthesizerDenseAttention(nn.Module):
    """Each query says from itself alone which positions it wants, without a look at what stands there.

    w_i = softmax(W_2 ReLU(W_1 q_i + b_1) + b_2), one entry for each position        (Tay et al., 2020, eq. 2)
    W_1 (Dh, Dh) and W_2 (max_length, Dh) belong to a head. Differs from the paper: q is the shell's projection of the
    input, a linear map that W_1 could swallow.

    An input longer than `max_length` raises ValueError.

    Cost: time T² D, memory T² H. Parameters grow with max_length · D.
    """

    uses = frozenset({"query"})
    properties = Properties(permutation_equivariant=False, smooth=False)

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        self.causal = role == "causal"
        self.dropout = dropout
        self.max_length = max_length
        bound = head_dim**-0.5
        self.hidden_weight = nn.Parameter(torch.empty(num_heads, head_dim, head_dim).uniform_(-bound, bound))  # W_1ᵀ
        self.hidden_bias = nn.Parameter(torch.zeros(num_heads, 1, head_dim))
        self.position_weight = nn.Parameter(torch.empty(num_heads, head_dim, max_length).uniform_(-bound, bound))
        self.position_bias = nn.Parameter(torch.zeros(num_heads, 1, max_length))

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        weights = self.weights(q, k, key_mask=key_mask, bias=bias)
        return self.combine(F.dropout(weights, self.dropout, self.training), v)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        num_keys = k.size(-2)
        require_length(num_keys, self.max_length)
        hidden = torch.relu(q @ self.hidden_weight + self.hidden_bias)  # (B, H, Tq, Dh)
        position_weight = self.position_weight[..., :num_keys]
        if torch.compiler.is_compiling():  # a graph of any length can't go by whether what was cut lies in one piece
            position_weight = position_weight.clone(memory_format=torch.contiguous_format)
        scores = hidden @ position_weight + self.position_bias[..., :num_keys]  # (B, H, Tq, Tk)
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v
