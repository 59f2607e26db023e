"""Attention by frozen random positions, a control."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role, require_length
from attnlab.attention.masks import allowed_mask, masked_softmax


class RandomFrozenAttention(nn.Module):
    """Each position mixes the others by numbers drawn once and never trained: the control for mixing as such.

    w_ij = softmax_j(R_ij),   R ~ N(0, 1) for each head        (the fixed random synthesizer of Tay et al., 2020)
    In the role cross, where queries and keys share no line of positions, a number belongs to the key's position alone:
    w_ij = softmax_j(r_j), the same for each query, as a decoder that goes word by word needs it.
    `synthesizer_random` is the same with R learned. Layers of the same `seed` mix alike; R is saved with the model.

    Cost: time T² D, memory T² H. Keeps max_length² · H fixed numbers, max_length · H in the role cross.

    An input longer than `max_length` raises ValueError.
    """

    uses: frozenset[str] = frozenset()
    properties = Properties(permutation_equivariant=False)

    def __init__(
        self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float, seed: int = 0
    ) -> None:
        super().__init__()
        self.by_key = role == "cross"
        self.causal = role == "causal"
        self.dropout = dropout
        self.max_length = max_length
        generator = torch.Generator().manual_seed(seed)
        self.logits: Tensor  # R
        num_rows = 1 if self.by_key else max_length
        self.register_buffer("logits", torch.randn(num_heads, num_rows, max_length, generator=generator))

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        weights = self.weights(q, k, key_mask=key_mask, bias=bias)
        return self.combine(F.dropout(weights, self.dropout, self.training), v)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        num_queries, num_keys = q.size(-2), k.size(-2)
        require_length(num_keys, self.max_length)
        rows = self.logits if self.by_key else self.logits[:, num_keys - num_queries : num_keys]
        logits = rows[:, :, :num_keys].expand(-1, num_queries, -1)  # (H, Tq, Tk)
        scores = logits.to(q.dtype).expand(q.size(0), -1, -1, -1)
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v
