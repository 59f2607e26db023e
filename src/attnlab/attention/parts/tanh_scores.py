"""The scores of a network with one hidden layer, which `additive` and `concat` share."""

import torch
from torch import Tensor

from attnlab.attention.parts.chunking import chunked_scores


def tanh_scores(q: Tensor, k: Tensor, vector: Tensor) -> Tensor:
    """u · tanh(q_i + k_j) for every pair, (B, H, Tq, Tk), where u, `vector` (H, Dh), is each head's own."""

    def score(q: Tensor, k: Tensor) -> Tensor:
        features = torch.tanh(q.unsqueeze(-2) + k.unsqueeze(-3))  # (B, H, Tq, Tk, Dh)
        return (features @ vector[:, None, :, None]).squeeze(-1)  # (B, H, Tq, Tk)

    return chunked_scores(score, q, k)
