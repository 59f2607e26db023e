"""Identity attention, a control."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role, RoleError
from attnlab.attention.masks import allowed_mask


class IdentityAttention(nn.Module):
    """Each position attends itself alone: the control without any mixing, which shows what the rest of a model does.

    w_ij = [j = i]        (no paper; a layer of it is a linear map of each position by itself)
    There are no scores, so a bias raises ValueError. Raises RoleError for the role cross.

    Cost: time T D, memory T D.
    """

    uses: frozenset[str] = frozenset()
    properties = Properties(permutation_equivariant=False, takes_bias=False)

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        if role == "cross":
            raise RoleError(
                "identity attention needs queries and keys that share one line of positions, got role cross"
            )
        self.dropout = dropout

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        kept = self._own_weight(q, k, key_mask, bias)
        return F.dropout(kept, self.dropout, self.training) * v[..., k.size(-2) - q.size(-2) :, :]

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        kept = self._own_weight(q, k, key_mask, bias)  # (B, H, Tq, 1)
        num_queries, num_keys = q.size(-2), k.size(-2)
        position = torch.arange(num_keys - num_queries, num_keys, device=q.device)
        return kept * F.one_hot(position, num_keys).to(kept.dtype)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v

    def _own_weight(self, q: Tensor, k: Tensor, key_mask: Tensor | None, bias: Tensor | None) -> Tensor:
        """1 where a query's own position may be attended, else 0: (B, H, Tq, 1)."""
        if bias is not None:
            raise ValueError("identity attention has no scores, so it takes no bias")
        ones = q.new_ones(*q.shape[:-1], 1)
        allowed = allowed_mask(q, k, causal=False, key_mask=key_mask)  # (B, 1, 1, Tk) or None
        return ones if allowed is None else ones * allowed[..., k.size(-2) - q.size(-2) :].mT
