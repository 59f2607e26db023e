"""A softmax with one logit more, that of a key without a value: what isn't attended goes there."""

import torch
import torch.nn.functional as F
from torch import Tensor

from attnlab.attention.parts.fused import fused_attention

CHANNELS = 8  # that q, k and v get: one is needed, and GPU kernels want a multiple of eight


def softmax_with_logit(scores: Tensor, logit: Tensor, allowed: Tensor | None, bias: Tensor | None) -> Tensor:
    """exp(s_ij) / (exp(logit_h) + Σ_j' exp(s_ij')) over the allowed keys, zero elsewhere.

    `scores` (B, H, Tq, Tk), to which `bias` is added; `logit` (H, 1, 1).
    """
    if bias is not None:
        scores = scores + bias.to(scores.dtype)
    if allowed is not None:
        scores = scores.masked_fill(~allowed, float("-inf"))  # no row is without a finite logit
    more = logit.to(scores.dtype).expand(*scores.shape[:-1], 1)
    return torch.cat([more, scores], dim=-1).softmax(-1)[..., 1:]


def fused_with_logit(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    logit: Tensor,
    scale: float,
    causal: bool,
    key_mask: Tensor | None,
    bias: Tensor | None,
    dropout: float,
) -> Tensor:
    """The same applied to v, (B, H, Tq, Dh), by torch's fused kernel.

    The logit is the score of a key put in front of all: a channel more, in which queries have one and other keys zero.
    """
    head_dim, num_queries, num_keys = v.size(-1), q.size(-2), k.size(-2)
    first = F.pad(logit / scale, (head_dim, CHANNELS - 1)).to(k.dtype)  # (H, 1, Dh + 8)
    k = torch.cat([first.expand(k.size(0), *first.shape), F.pad(k, (0, CHANNELS))], dim=-2)
    v = F.pad(v, (0, CHANNELS, 1, 0))
    q = F.pad(q, (0, CHANNELS), value=1.0)
    squared = causal and num_queries == num_keys
    if squared:  # a query in front, too, keeps the diagonal where the kernel's own causal mask has it
        q = F.pad(q, (0, 0, 1, 0))
    if key_mask is not None:
        key_mask = F.pad(key_mask, (1, 0), value=True)
    if bias is not None:
        bias = _with_first(bias, num_keys=num_keys, rows=squared)
    output = fused_attention(q, k, v, scale=scale, causal=causal, key_mask=key_mask, bias=bias, dropout=dropout)
    return output[..., -num_queries:, :head_dim]


def _with_first(bias: Tensor, *, num_keys: int, rows: bool) -> Tensor:
    """A bias broadcastable to (B, H, Tq, Tk), with a zero for the key in front, and for the query if there is one."""
    bias = F.pad(bias.expand(*bias.shape[:-1], num_keys), (1, 0))
    return F.pad(bias, (0, 0, 1, 0)) if rows and bias.dim() > 1 and bias.size(-2) > 1 else bias
