"""The pointer: words of the source copied into the target, in proportion to the attention paid to them."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from attnlab.models.special_tokens import PAD

# Keeps the logarithm of a weight of zero, and its gradient, finite; float32 holds both this and its reciprocal.
FLOOR = 1e-20
NOTHING = 1e-9  # a sum of weights far below this counts as none


@dataclass(frozen=True)
class CopySource:
    """A source's ids (B, Ts), and for each place where the token there stands first (B, Ts)."""

    ids: Tensor
    firsts: Tensor

    @classmethod
    def of(cls, ids: Tensor) -> "CopySource":
        return cls(ids, (ids.unsqueeze(2) == ids.unsqueeze(1)).int().argmax(2))

    def select(self, rows: Tensor) -> "CopySource":
        return CopySource(self.ids[rows], self.firsts[rows])


def as_shares(weights: Tensor) -> Tensor:
    """max(a_j, 0) / sum_k max(a_k, 0): attention (B, H, Tq, Tk) as each key's share; zeros where there is no weight.

    Softmax's weights are their own shares.
    """
    positive = weights.to(torch.promote_types(weights.dtype, torch.float32)).clamp(min=0.0)
    # Added, not a lower bound: at a sum of just one that would be a kink, and rounding would pick the gradient.
    return positive / (positive.sum(-1, keepdim=True) + NOTHING)


def copy_mixture(logits: Tensor, switch: Tensor, attention: Tensor, source: CopySource) -> Tensor:
    """log p (B, Tt, V) of a word generated from the vocabulary or copied from the source.

    p(w) = (1 - g sum_j a_j) softmax(logits)_w + g sum_{j: x_j = w} a_j,   g = sigmoid(switch)
    (See et al., 2017, eq. 9, with g = 1 - p_gen; where the attention sums to less than one, the rest is generated.)

    logits (B, Tt, V), switch (B, Tt), attention (B, Tt, Ts) not negative and summing to one or less. In float32 at
    least, by sums of logarithms, so that neither a certain switch nor an impossible word gives infinity or NaN; it is
    normalised, so that log_softmax leaves it as it is.
    """
    wide = torch.promote_types(logits.dtype, torch.float32)
    log_generated = F.log_softmax(logits.to(wide), dim=2)
    switch, attention = switch.to(wide), attention.to(wide)
    log_copy, log_not_copy = F.logsigmoid(switch), F.logsigmoid(-switch)  # (B, Tt)
    left = (1 - attention.sum(2)).clamp(min=FLOOR).log()
    base = log_generated + torch.logaddexp(log_not_copy, log_copy + left).unsqueeze(2)  # (B, Tt, V)

    index = source.firsts.unsqueeze(1).expand_as(attention)
    mass = torch.zeros_like(attention).scatter_add(2, index, attention)  # all of a token's, where it stands first
    places = source.ids.unsqueeze(1).expand_as(attention)
    before = base.gather(2, places)
    after = torch.logaddexp(before, log_copy.unsqueeze(2) + (mass + FLOOR).log())
    mixed = torch.where((source.ids == PAD).unsqueeze(1), before, after)
    here = torch.arange(source.ids.shape[1], device=source.ids.device)
    once = mixed.masked_fill((source.firsts != here).unsqueeze(1), 0.0)
    # Emptied, then filled once: adding a difference would round a likely word off where its base is far below.
    return base.scatter(2, places, 0.0).scatter_add_(2, places, once)
