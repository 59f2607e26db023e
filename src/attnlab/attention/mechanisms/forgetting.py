"""The forgetting transformer."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role, RoleError, Side, Sides
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.fused import fused_attention

SHORTEST = 4.0  # steps: the half-life that the last head begins with
CHANNELS = 8  # that q, k and v get: three are needed, and GPU kernels want a multiple of eight


class ForgettingAttention(nn.Module):
    """Softmax attention whose scores fall with what was forgotten in between, as each position says.

    w_ij = softmax_j(q_i · k_j / sqrt(Dh) + sum_{l = j+1..i} log f_l),   f_l = σ(x_l w_f + b_h)
    (FoX, Lin et al., 2025, eqs. 4-6.) f is projected from the layer's input; its biases are learned and begin with
    half-lives spaced from `max_length` to 4 steps. A masked key forgets nothing. Differs from the paper: in the role
    self keys ahead are forgotten likewise, by the f of j-1, ..., i, and there is neither output gate nor norm.

    Cost: time T² D, memory T D; in the role self memory T² H. Fused.

    Raises:
        RoleError: for cross-attention, whose queries stand on no line with the keys.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(permutation_equivariant=False)
    undecayed = frozenset({"forget_bias"})

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        if role == "cross":
            raise RoleError(
                "forgetting attention needs queries and keys that share one line of positions, got role cross"
            )
        self.scale = head_dim**-0.5
        self.causal = role == "causal"
        self.dropout = dropout
        self.side = {"forget": Side(1, "key")}
        half_lives = torch.logspace(1, 0, num_heads, base=max(1.0, max_length / SHORTEST)) * SHORTEST
        self.forget_bias = nn.Parameter(torch.special.logit(0.5 ** (1 / half_lives)).view(-1, 1, 1))

    def forward(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        *,
        side: Sides,
        key_mask: Tensor | None = None,
        bias: Tensor | None = None,
    ) -> Tensor:
        log_kept, scale, width = self._log_kept(k, side, key_mask), self.scale, v.size(-1)
        if self.causal:
            q, k, v = _with_channels(q * scale, k, v, log_kept.cumsum(-2))
            scale = 1.0
        else:
            between = _forgotten(log_kept, num_queries=q.size(-2), causal=False).to(q.dtype)
            bias = between if bias is None else between + bias
        dropout = self.dropout if self.training else 0.0
        output = fused_attention(
            q, k, v, scale=scale, causal=self.causal, key_mask=key_mask, bias=bias, dropout=dropout
        )
        return output[..., :width]

    def weights(
        self, q: Tensor, k: Tensor, *, side: Sides, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        forgotten = _forgotten(self._log_kept(k, side, key_mask), num_queries=q.size(-2), causal=self.causal)
        scores = q @ k.mT * self.scale + forgotten  # (B, H, Tq, Tk)
        allowed = allowed_mask(q, k, causal=self.causal, key_mask=key_mask)
        return masked_softmax(scores, allowed, bias).to(q.dtype)

    def combine(self, weights: Tensor, v: Tensor, *, side: Sides) -> Tensor:
        return weights @ v

    def _log_kept(self, k: Tensor, side: Sides, key_mask: Tensor | None) -> Tensor:
        """log f (B, H, Tk, 1), in float32 at least."""
        forget = side["forget"]
        log_kept = F.logsigmoid(forget.to(torch.promote_types(forget.dtype, torch.float32)) + self.forget_bias)
        allowed = allowed_mask(k, k, causal=False, key_mask=key_mask)  # (B, 1, 1, Tk) or None
        return log_kept if allowed is None else log_kept.masked_fill(~allowed.mT, 0.0)


def _forgotten(log_kept: Tensor, *, num_queries: int, causal: bool) -> Tensor:
    """What is added to scores, (B, H, Tq, Tk): at most zero, and where causal of no account ahead."""
    summed = log_kept.cumsum(-2)
    behind = summed[..., summed.size(-2) - num_queries :, :] - summed.mT
    if causal:
        return behind.clamp(max=0)
    before = summed - log_kept
    back = torch.ones(behind.shape[-2:], dtype=torch.bool, device=behind.device).tril()
    return torch.where(back, behind, before.mT - before)


def _with_channels(q: Tensor, k: Tensor, v: Tensor, summed: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Of c_i - c_j the softmax needs -c_j alone: a channel of keys, which queries have as one.

    It counts from the last key, and goes in three parts, of which each holds what the one before rounds away: two
    bytes hold no sum. The reference cancels, and its gradient by rounding alone would reach what comes later.
    """
    rest = summed[..., -1:, :].detach() - summed  # (B, H, Tk, 1)
    parts = []
    for _ in range(3):
        parts.append(rest.to(k.dtype))
        rest = rest - parts[-1]
    more = F.pad(torch.cat(parts, dim=-1), (0, CHANNELS - 3))
    return F.pad(q, (0, CHANNELS), value=1.0), torch.cat([k, more], dim=-1), F.pad(v, (0, CHANNELS))
