"""Mechanisms as one would write them plainly, from the same parameters: what ours are compared with.

A mechanism with dot-product scores is `Scores`: the vectors whose dot product is taken, a scale and a bias, a logit of
its own beside them, and what its output is multiplied by. Three kernels turn those into attention. A core with sides is
given as `SidesFromQueryAndKey`. Shapes as in `attnlab.attention.core`.
"""

import warnings
from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

with warnings.catch_warnings():
    warnings.simplefilter("ignore", FutureWarning)  # it scripts functions at import, which torch advises against
    from x_transformers.attend import Attend


class Scores(NamedTuple):
    """scale q kᵀ + bias."""

    q: Tensor
    k: Tensor
    scale: float
    bias: Tensor | None = None
    logit: Tensor | None = None  # (H, 1, 1), with which keys compete
    gate: Tensor | None = None  # (B, H, Tq, 1 or Dh)


def scaled_dot(core: nn.Module, q: Tensor, k: Tensor) -> Scores:
    return Scores(q, k, q.size(-1) ** -0.5)


def dot(core: nn.Module, q: Tensor, k: Tensor) -> Scores:
    return Scores(q, k, 1.0)


def general(core: nn.Module, q: Tensor, k: Tensor) -> Scores:
    return Scores(q @ core.matrix, k, 1.0)


def cosine(core: nn.Module, q: Tensor, k: Tensor) -> Scores:
    return Scores(F.normalize(q, dim=-1) * core.log_sharpness.exp(), F.normalize(k, dim=-1), 1.0)


def gaussian_kernel(core: nn.Module, q: Tensor, k: Tensor) -> Scores:
    inverse_variance = (-2 * core.log_bandwidth).exp()
    return Scores(q * inverse_variance, k, 1.0, -(inverse_variance * k.square().sum(-1, keepdim=True)).mT / 2)


def location(core: nn.Module, q: Tensor, k: Tensor) -> Scores:
    return Scores(q, core.positions[:, : k.size(-2)].expand_as(k), 1.0)


def uniform(core: nn.Module, q: Tensor, k: Tensor) -> Scores:
    return Scores(torch.zeros_like(q), k, 1.0)


def qk_norm(core: nn.Module, q: Tensor, k: Tensor) -> Scores:
    width = q.size(-1)
    normed = (F.rms_norm(x, (width,), gain, eps=1e-6) for x, gain in ((q, core.query_gain), (k, core.key_gain)))
    return Scores(*normed, width**-0.5)


def sink(core: nn.Module, q: Tensor, k: Tensor) -> Scores:
    return Scores(q, k, q.size(-1) ** -0.5, logit=core.logit)


def gated(core: nn.Module, q: Tensor, k: Tensor) -> Scores:
    return Scores(q, k, q.size(-1) ** -0.5, gate=core.sides(q, k)["gate"].sigmoid())


def forgetting(core: nn.Module, q: Tensor, k: Tensor) -> Scores:
    """Causal; what padding at the end forgets is the same for all keys of a query."""
    log_kept = F.logsigmoid(core.sides(q, k)["forget"] + core.core.forget_bias).cumsum(-2)  # (B, H, T, 1)
    return Scores(q, k, q.size(-1) ** -0.5, log_kept - log_kept.mT)


def rotary(core: nn.Module, q: Tensor, k: Tensor) -> Scores:
    return Scores(*_turned(q, k, core.base), q.size(-1) ** -0.5)


def partial_rotary(core: nn.Module, q: Tensor, k: Tensor) -> Scores:
    turned = _turned(*(x[..., : core.num_turned] for x in (q, k)), core.base)
    whole = (torch.cat([part, x[..., core.num_turned :]], dim=-1) for part, x in zip(turned, (q, k), strict=True))
    return Scores(*whole, q.size(-1) ** -0.5)


def _turned(q: Tensor, k: Tensor, base: float) -> tuple[Tensor, Tensor]:
    length, width = q.shape[-2:]
    frequency = base ** (-torch.arange(0, width, 2) / width)
    angle = (torch.arange(length)[:, None] * frequency).repeat_interleave(2, dim=-1)
    cos, sin = angle.cos(), angle.sin()

    def turn(x: Tensor) -> Tensor:
        aside = torch.stack([-x[..., 1::2], x[..., 0::2]], dim=-1).flatten(-2)
        return x * cos + aside * sin

    return turn(q), turn(k)


def alibi(core: nn.Module, q: Tensor, k: Tensor) -> Scores:
    position = torch.arange(q.size(-2), dtype=q.dtype)
    slope = torch.exp2(-8 / q.size(1) * torch.arange(1, q.size(1) + 1))
    return Scores(q, k, q.size(-1) ** -0.5, -slope[:, None, None] * (position - position[:, None]).abs())


def t5_bias(core: nn.Module, q: Tensor, k: Tensor) -> Scores:
    position = torch.arange(q.size(-2))
    offset = position - position[:, None]
    single = core.num_directed // 2
    distance = offset.abs()
    ratio = (distance.clamp(min=1) / single).log() / torch.tensor(core.max_distance / single).log()
    bucket = torch.where(distance < single, distance, (single + ratio * single).long().clamp(max=core.num_directed - 1))
    return Scores(q, k, q.size(-1) ** -0.5, core.bucket_bias[:, bucket + core.num_directed * (offset > 0)])


SCORES: dict[str, Callable[[nn.Module, Tensor, Tensor], Scores]] = {
    scores.__name__: scores
    for scores in (scaled_dot, dot, general, cosine, gaussian_kernel, location, uniform, rotary, alibi, t5_bias)
} | {
    "qk_norm": qk_norm,
    "sink": sink,
    "off_by_one": sink,
    "gated_headwise": gated,
    "gated_elementwise": gated,
    "partial_rotary": partial_rotary,
    "forgetting": forgetting,
}


def explicit(scores: Scores, v: Tensor, allowed: Tensor, *, causal: bool, dropout: float) -> Tensor:
    if causal:
        allowed = allowed & torch.ones(v.size(-2), v.size(-2), dtype=torch.bool).tril()
    logits = scores.q @ scores.k.mT * scores.scale
    if scores.bias is not None:
        logits = logits + scores.bias
    weights = logits.masked_fill(~allowed, float("-inf")).softmax(-1)
    return F.dropout(weights, dropout) @ v


def sdpa(scores: Scores, v: Tensor, allowed: Tensor, *, causal: bool, dropout: float) -> Tensor:
    if causal:
        allowed = allowed & torch.ones(v.size(-2), v.size(-2), dtype=torch.bool).tril()
    mask = allowed if scores.bias is None else scores.bias.masked_fill(~allowed, float("-inf"))
    return F.scaled_dot_product_attention(scores.q, scores.k, v, attn_mask=mask, dropout_p=dropout, scale=scores.scale)


def x_transformers(scores: Scores, v: Tensor, allowed: Tensor, *, causal: bool, dropout: float) -> Tensor:
    attend = Attend(flash=True, causal=causal, dropout=dropout, scale=scores.scale)
    bias = None if scores.bias is None else scores.bias.expand(*scores.q.shape[:-1], v.size(-2))
    output, _ = attend(scores.q, scores.k, v, mask=allowed, attn_bias=bias)
    return output


def attended(kernel: str, scores: Scores, v: Tensor, allowed: Tensor, *, causal: bool, dropout: float) -> Tensor:
    """By one of the kernels; a logit is that of a key more, in front, whose value is zero."""
    if scores.logit is not None:
        in_front = (0, 0, 1, 0)
        bias = F.pad(scores.logit, (0, v.size(-2)))  # (H, 1, 1 + Tk)
        scores, v = scores._replace(k=F.pad(scores.k, in_front), bias=bias), F.pad(v, in_front)
        allowed = F.pad(allowed, (1, 0), value=True)
    output = KERNELS[kernel](scores, v, allowed, causal=causal, dropout=dropout)
    return output if scores.gate is None else output * scores.gate


KERNELS: dict[str, Callable[..., Tensor]] = {"explicit": explicit, "sdpa": sdpa, "x-transformers": x_transformers}


def naive_additive(core: nn.Module, q: Tensor, k: Tensor) -> Tensor:
    features = torch.tanh(q.unsqueeze(-2) + k.unsqueeze(-3))  # (B, H, Tq, Tk, Dh)
    return (features * core.vector[:, None, None]).sum(-1)


def naive_concat(core: nn.Module, q: Tensor, k: Tensor) -> Tensor:
    pairs = (*q.shape[:-1], *k.shape[-2:])  # (B, H, Tq, Tk, Dh)
    both = torch.cat([q.unsqueeze(-2).expand(pairs), k.unsqueeze(-3).expand(pairs)], dim=-1)
    return (torch.tanh(both @ core.matrix.mT[:, None]) * core.vector[:, None, None]).sum(-1)


def naive_general(core: nn.Module, q: Tensor, k: Tensor) -> Tensor:
    return q @ core.matrix @ k.mT


NAIVE: dict[str, Callable[[nn.Module, Tensor, Tensor], Tensor]] = {
    "additive": naive_additive,
    "concat": naive_concat,
    "general": naive_general,
}


def naive(mechanism: str, core: nn.Module, q: Tensor, k: Tensor, v: Tensor, allowed: Tensor) -> Tensor:
    """Attention with the features of all pairs at once."""
    return NAIVE[mechanism](core, q, k).masked_fill(~allowed, float("-inf")).softmax(-1) @ v
