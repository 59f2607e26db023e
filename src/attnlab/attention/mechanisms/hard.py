"""Hard attention, trained straight through."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import allowed_mask, masked_softmax


class HardAttention(nn.Module):
    """Each query takes the value of its best key alone; gradients pretend that it was softmax.

    w_ij = [j = argmax_j' z_ij'],   ∂w_i := ∂ softmax(z_i),   z_ij = q_i · k_j / sqrt(Dh)
    (The hard attention of Xu et al., 2015, section 4.1, whose choice is sampled and trained by REINFORCE; here it is
    the best key, trained by the straight-through estimator of Bengio et al., 2013.) Of equal keys the first is taken.

    Cost: time T² D, memory T² H.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(smooth=False)

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        self.scale = head_dim**-0.5
        self.causal = role == "causal"
        self.dropout = dropout

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        weights = self.weights(q, k, key_mask=key_mask, bias=bias)
        return self.combine(F.dropout(weights, self.dropout, self.training), v)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        allowed = allowed_mask(q, k, causal=self.causal, key_mask=key_mask)
        # In bfloat16's eight bits the best keys often tie, and the first would win.
        wide = torch.promote_types(q.dtype, torch.float32)
        with torch.autocast(q.device.type, enabled=False):
            scores = q.to(wide) @ k.to(wide).mT * self.scale  # (B, H, Tq, Tk)
        soft = masked_softmax(scores, allowed, bias)
        best = torch.zeros_like(soft).scatter(-1, soft.argmax(-1, keepdim=True), 1.0)
        if allowed is not None:
            best = best.masked_fill(~allowed, 0.0)
        return (best + (soft - soft.detach())).to(q.dtype)  # the difference is exactly zero

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v
