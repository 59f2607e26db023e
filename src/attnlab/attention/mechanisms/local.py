"""Local attention."""

from torch import Tensor, nn

from attnlab.attention.core import Properties, Role, RoleError
from attnlab.attention.masks import all_of, allowed_mask, masked_softmax
from attnlab.attention.parts.gathered import gathered_attention
from attnlab.attention.parts.windows import check_window, window_mask, window_plan


class LocalAttention(nn.Module):
    """Each position sees its neighbours alone, through a window that slides along: cost linear in the length.

    w_ij = softmax_j(q_i · k_j / sqrt(Dh)) over |j - i| <= (window - 1) / 2
    (The sliding window of Beltagy et al., 2020, section 3.1; scores as in `scaled_dot`.) Causal attention has the half
    of the window that looks back, and the centre. A query whose whole window is masked gets zeros.

    Cost: time T · window · D, memory T · window · H. Queries go in blocks of 16 or more, which also look at the keys in
    between.

    Raises ValueError for a window that is even or below 3, RoleError for the role cross.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(permutation_equivariant=False)

    def __init__(
        self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float, window: int = 7
    ) -> None:
        super().__init__()
        if role == "cross":
            raise RoleError("local attention needs queries and keys that share one line of positions, got role cross")
        check_window(window)
        self.scale = head_dim**-0.5
        self.causal = role == "causal"
        self.dropout = dropout
        self.window = window

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        plan = window_plan(q.size(-2), k.size(-2), window=self.window, dilation=1, causal=self.causal, device=q.device)
        return gathered_attention(q, k, v, plan, scale=self.scale, key_mask=key_mask, bias=bias, dropout=dropout)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        scores = q @ k.mT * self.scale  # (B, H, Tq, Tk)
        near = window_mask(q.size(-2), k.size(-2), window=self.window, dilation=1, causal=self.causal, device=q.device)
        return masked_softmax(scores, all_of(near, allowed_mask(q, k, causal=False, key_mask=key_mask)), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v
