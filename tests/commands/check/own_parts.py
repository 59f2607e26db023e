"""Mechanisms as a user would write them, good and broken; named on the command line as own_parts.Good."""

from functools import partial

import torch
from torch import nn

from attnlab.attention import Properties, RoleError, allowed_mask, masked_softmax
from attnlab.feature_attention import Properties as FeatureProperties


class Good(nn.Module):
    uses = frozenset({"query", "key"})
    properties = Properties()

    def __init__(self, *, num_heads, head_dim, role, max_length, dropout, temperature=3.0):
        super().__init__()
        if temperature <= 0:
            raise ValueError(f"temperature must be above 0, got {temperature}")
        self.causal = role == "causal"
        self.dropout = nn.Dropout(dropout)
        self.temperature = temperature

    def weights(self, q, k, *, key_mask=None, bias=None):
        allowed = allowed_mask(q, k, causal=self.causal, key_mask=key_mask)
        return masked_softmax(q @ k.mT / self.temperature, allowed, bias)

    def combine(self, weights, v):
        return weights @ v

    def forward(self, q, k, v, *, key_mask=None, bias=None):
        return self.combine(self.dropout(self.weights(q, k, key_mask=key_mask, bias=bias)), v)


class LeaksMaskedKeys(Good):
    def weights(self, q, k, *, key_mask=None, bias=None):
        return super().weights(q, k, bias=bias)


class NormsOverTheBatch(Good):
    def weights(self, q, k, *, key_mask=None, bias=None):
        weights = super().weights(q, k, key_mask=key_mask, bias=bias)
        return weights / weights.sum(0, keepdim=True).clamp(min=1e-9)


class NotCausal(Good):
    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.causal = False


class NaNOnEmptyRows(Good):
    def weights(self, q, k, *, key_mask=None, bias=None):
        scores = q @ k.mT + (0 if bias is None else bias)
        allowed = allowed_mask(q, k, causal=self.causal, key_mask=key_mask)
        return (scores if allowed is None else scores.masked_fill(~allowed, -torch.inf)).softmax(-1)


class MapsLie(Good):
    def forward(self, q, k, v, **masks):
        return super().forward(2 * q, k, v, **masks)


class Crashes(Good):
    def combine(self, weights, v):
        return weights @ v[..., :3] @ v


class LosesHeads(Good):
    def weights(self, q, k, *, key_mask=None, bias=None):
        return super().weights(q, k, key_mask=key_mask, bias=bias).mean(1)


class GivesAPair(Good):
    def forward(self, q, k, v, **masks):
        return super().forward(q, k, v, **masks), self.weights(q, k, **masks)


class DividesByZero(Good):
    def weights(self, q, k, *, key_mask=None, bias=None):
        return super().weights((q - q) / 0, k, key_mask=key_mask, bias=bias)


class MovesItself(Good):
    def forward(self, q, k, v, **masks):
        raise RuntimeError("Found no NVIDIA driver on your system. Please check that you have")  # as v.cuda() does


class BreaksInCross(Good):
    def __init__(self, *, role, **arguments):
        super().__init__(role=role, **arguments)
        self.role = role

    def weights(self, q, k, *, key_mask=None, bias=None):
        return super().weights(q * (1 // (self.role != "cross")), k, key_mask=key_mask, bias=bias)


class OnlySelf(Good):
    def __init__(self, *, role, **arguments):
        if role != "self":
            raise RoleError(f"can't serve {role}, alas")
        super().__init__(role=role, **arguments)


class ServesNothing(Good):
    def __init__(self, *, role, **arguments):
        raise RoleError(f"not {role}")


class PlainError(Good):
    def __init__(self, *, role, **arguments):
        if role == "cross":
            raise ValueError("no crossing")
        super().__init__(role=role, **arguments)


class NoMaxLength(nn.Module):
    uses: frozenset[str] = frozenset()

    def __init__(self, *, num_heads, head_dim, role, dropout):
        super().__init__()


class NoConstructor(nn.Module):
    uses: frozenset[str] = frozenset()


class NeedsAValue(Good):
    def __init__(self, *, num_heads, head_dim, role, max_length, dropout, sharpness):
        super().__init__(num_heads=num_heads, head_dim=head_dim, role=role, max_length=max_length, dropout=dropout)


class ConstructorCrashes(Good):
    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.missing.shape  # noqa: B018  # that it raises is what counts


class NoWeights(nn.Module):
    uses = frozenset({"query", "key"})
    properties = Properties()

    def __init__(self, *, num_heads, head_dim, role, max_length, dropout):
        super().__init__()

    def forward(self, q, k, v, *, key_mask=None, bias=None):
        return v


class NoCombine(NoWeights):
    def weights(self, q, k, *, key_mask=None, bias=None):
        return q @ k.mT


class WantsAMask(Good):
    def weights(self, q, k, mask):
        return q @ k.mT


class WantsAScale(Good):
    def combine(self, weights, v, scale):
        return scale * weights @ v


class NoForward(Good):
    forward = nn.Module.forward


class NoUses(Good):
    uses = None  # type: ignore[assignment]  # the fault to be found


class WrongProperties(Good):
    properties = FeatureProperties()  # type: ignore[assignment]


class NeitherContract(nn.Module):
    def __init__(self, width):
        super().__init__()


class NotAModule:
    pass


a_function = partial(Good, temperature=2.0)


class GoodOnMaps(nn.Module):
    properties = FeatureProperties(weights_over="channels", equivariant_to="positions")

    def __init__(self, channels, *, max_size, sharpness=1.0):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels) * sharpness)

    def weights(self, x):
        return torch.sigmoid(x.mean((2, 3)) * self.scale)

    def combine(self, weights, x):
        return x * weights.to(x.dtype)[:, :, None, None]

    def forward(self, x):
        return self.combine(self.weights(x), x)


class MixesImages(GoodOnMaps):
    def weights(self, x):
        return torch.sigmoid(x.mean((0, 2, 3)) * self.scale).expand(x.shape[:2])


class WantsAMaskOfMaps(GoodOnMaps):
    def weights(self, x, mask):
        return super().weights(x * mask)


class LosesChannels(GoodOnMaps):
    def forward(self, x):
        return super().forward(x).mean(1)


class NoMaxSize(nn.Module):
    def __init__(self, channels):
        super().__init__()
