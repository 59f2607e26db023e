"""Additive attention."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.tanh_scores import tanh_scores


class AdditiveAttention(nn.Module):
    """A small network with one hidden layer judges each pair of query and key.

    w_ij = softmax_j(u · tanh(q_i + k_j))        (Bahdanau et al., 2015, appendix A.1.2)
    The paper's matrices W_a and U_a are the shell's projections of query and key. Differs from the paper: with several
    heads each has a vector u of its own. `concat` is the same function up to parametrisation.

    Cost: time T² D, memory T² H. Features of all pairs (T² D) go through in chunks, which the backward pass computes
    anew.
    """

    uses = frozenset({"query", "key"})
    properties = Properties()

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        self.causal = role == "causal"
        self.dropout = dropout
        bound = (3 / head_dim) ** 0.5  # keeps the variance of a score below one
        self.vector = nn.Parameter(torch.empty(num_heads, head_dim).uniform_(-bound, bound))  # u

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        weights = self.weights(q, k, key_mask=key_mask, bias=bias)
        return self.combine(F.dropout(weights, self.dropout, self.training), v)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        scores = tanh_scores(q, k, self.vector)
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v
