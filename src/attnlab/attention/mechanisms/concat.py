"""Concat attention."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.tanh_scores import tanh_scores


class ConcatAttention(nn.Module):
    """A network with one hidden layer reads query and key side by side.

    w_ij = softmax_j(u · tanh(W [q_i; k_j]))        (Luong et al., 2015, section 3.1, "concat")
    As W [q; k] = W_q q + W_k k, this is `additive` up to parametrisation: W_q and W_k merge into the shell's
    projections. Differs from the paper: each head has a matrix W (Dh, 2 Dh) and a vector u (Dh) of its own.

    Cost: time T² D + T D²/H, memory T² H. Features of all pairs (T² D) go through in chunks, which the backward pass
    computes anew.
    """

    uses = frozenset({"query", "key"})
    properties = Properties()

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        self.causal = role == "causal"
        self.dropout = dropout
        bound = (3 / head_dim) ** 0.5  # W keeps the variance of q + k, and u that of a score below one
        self.matrix = nn.Parameter(torch.empty(num_heads, head_dim, 2 * head_dim).uniform_(-bound, bound))  # W
        self.vector = nn.Parameter(torch.empty(num_heads, head_dim).uniform_(-bound, bound))  # u

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        weights = self.weights(q, k, key_mask=key_mask, bias=bias)
        return self.combine(F.dropout(weights, self.dropout, self.training), v)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        query_matrix, key_matrix = self.matrix.chunk(2, dim=-1)  # W_q, W_k: (H, Dh, Dh)
        scores = tanh_scores(q @ query_matrix.mT, k @ key_matrix.mT, self.vector)
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v
