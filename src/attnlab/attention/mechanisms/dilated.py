"""Dilated attention."""

from torch import Tensor, nn

from attnlab.attention.core import Properties, Role, RoleError
from attnlab.attention.masks import all_of, allowed_mask, masked_softmax
from attnlab.attention.parts.gathered import gathered_attention
from attnlab.attention.parts.windows import check_window, window_mask, window_plan
from attnlab.errors import at_least


class DilatedAttention(nn.Module):
    """A sliding window with gaps, which reaches farther at the same cost, linear in the length.

    w_ij = softmax_j(q_i · k_j / sqrt(Dh)) over j = i + n dilation,   |n| <= (window - 1) / 2
    (The dilated sliding window of Beltagy et al., 2020, section 3.1, with one dilation for all heads.) A dilation of 1
    is `local`. Causal attention has the half that looks back, and the centre. A query whose whole window is masked gets
    zeros; positions of different remainder by the dilation never meet, so layers should differ in it.

    Cost: time T · window · D, memory T · window · H. Queries go in blocks of 16 or more, which also look at the keys in
    between.

    Raises ValueError for a window that is even or below 3 or a dilation below 1; RoleError for the role cross.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(permutation_equivariant=False)

    def __init__(
        self,
        *,
        num_heads: int,
        head_dim: int,
        role: Role,
        max_length: int,
        dropout: float,
        window: int = 7,
        dilation: int = 2,
    ) -> None:
        super().__init__()
        if role == "cross":
            raise RoleError("dilated attention needs queries and keys that share one line of positions, got role cross")
        check_window(window)
        at_least(1, "attention.core", dilation=dilation)
        self.scale = head_dim**-0.5
        self.causal = role == "causal"
        self.dropout = dropout
        self.window = window
        self.dilation = dilation

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        plan = window_plan(
            q.size(-2), k.size(-2), window=self.window, dilation=self.dilation, causal=self.causal, device=q.device
        )
        return gathered_attention(q, k, v, plan, scale=self.scale, key_mask=key_mask, bias=bias, dropout=dropout)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        scores = q @ k.mT * self.scale  # (B, H, Tq, Tk)
        near = window_mask(
            q.size(-2), k.size(-2), window=self.window, dilation=self.dilation, causal=self.causal, device=q.device
        )
        return masked_softmax(scores, all_of(near, allowed_mask(q, k, causal=False, key_mask=key_mask)), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v
