"""Mechanisms that keep a state as flash-linear-attention writes them plainly, in chunks, from the same parameters.

The files of its references are loaded by themselves, as its package imports Triton's compiler. All are causal. They
take no mask: what is written of a masked key, and what it forgets, are zero beforehand.
"""

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from attnlab.attention.conformance.sides import SidesFromQueryAndKey
from attnlab.attention.core import Sides

CHUNK = 64  # theirs, of which lengths are to be a multiple
EPSILON = 1e-5


class Given(NamedTuple):
    """Of a core, with `real` (B, 1, T, 1), False at masked keys; the others (B, H, T, ...)."""

    core: Any
    q: Tensor
    k: Tensor
    v: Tensor
    side: Sides
    real: Tensor


@cache
def naive(name: str) -> ModuleType:
    """A file of references in plain PyTorch, `fla/ops/NAME/naive.py`."""
    package = find_spec("fla")
    assert package is not None
    assert package.submodule_search_locations is not None
    path = Path(next(iter(package.submodule_search_locations)), "ops", name, "naive.py")
    spec = spec_from_file_location(f"fla_{name.replace('/', '_')}_naive", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def by_time(*tensors: Tensor) -> list[Tensor]:
    """(B, H, T, ...) -> (B, T, H, ...), as most of them are called; and back."""
    return [x.transpose(1, 2) for x in tensors]


def rms(x: Tensor) -> Tensor:
    return F.rms_norm(x, x.shape[-1:], eps=EPSILON)


def unit(x: Tensor) -> Tensor:
    """Of length one, with an epsilon in the root, as the library's fused norm of queries and keys has it."""
    return x / (x.square().sum(-1, keepdim=True) + EPSILON).sqrt()


def retnet(given: Given) -> Tensor:
    exponents = given.core.exponents.to(given.q)
    log_decay = torch.log1p(-torch.exp2(-exponents)) * given.real  # (B, H, T, 1)
    output = _fading(given.q, given.k * given.real, given.v, log_decay, scale=None)
    return rms(output) * F.silu(given.side["gate"])


def mamba2(given: Given) -> Tensor:
    step = F.softplus(given.side["step"] + given.core.step_bias) * given.real
    log_decay = -given.core.log_rate.exp() * step
    output = _fading(F.silu(given.q), step * F.silu(given.k), given.v, log_decay, scale=1.0)
    output = output + given.core.skip * given.real * given.v
    return rms(output * F.silu(given.side["gate"])) * given.core.gain


def deltanet(given: Given) -> Tensor:
    q, k, strength = unit(F.silu(given.q)), unit(F.silu(given.k)), given.side["strength"].sigmoid() * given.real
    output, _ = naive("delta_rule").delta_rule_chunkwise(q, k, given.v, strength.squeeze(-1))
    return rms(output) * given.core.gain


def gated_deltanet(given: Given) -> Tensor:
    q, k, strength = unit(F.silu(given.q)), unit(F.silu(given.k)), given.side["strength"].sigmoid() * given.real
    theirs = naive("gated_delta_rule").naive_chunk_gated_delta_rule
    log_decay, strength = _log_decay(given).squeeze(-1), strength.squeeze(-1)
    output, _ = theirs(*by_time(q, k, given.v, log_decay, strength), chunk_size=CHUNK)
    return rms(output.transpose(1, 2)) * given.core.gain * F.silu(given.side["gate"])


def kda(given: Given) -> Tensor:
    """With the floor that ours has: a channel forgets no more than e^-5 a step."""
    q, k, strength = unit(F.silu(given.q)), unit(F.silu(given.k)), given.side["strength"].sigmoid() * given.real
    inputs = by_time(q, k, given.v, _log_decay(given).clamp(min=-5.0), strength.squeeze(-1))
    output, _ = naive("kda").naive_chunk_kda(*inputs, chunk_size=CHUNK)
    return rms(output.transpose(1, 2)) * given.core.gain * given.side["gate"].sigmoid()


def rwkv7(given: Given) -> Tensor:
    core, side = given.core, given.side
    log_decay = -0.606531 * (side["decay"] + core.decay_bias).sigmoid() * given.real
    rate = (side["rate"] + core.rate_bias).sigmoid() * given.real
    removed, written = unit(given.k * core.removal), given.k * given.real * (1 + (rate - 1) * core.mix)
    theirs = naive("generalized_delta_rule/dplr").dplr_chunkwise
    read = given.q * given.q.size(-1) ** 0.5  # undoes its scale, which RWKV-7 hasn't
    output, _ = theirs(read, written, given.v, removed, -rate * removed, log_decay)
    output = output + (given.q * core.bonus * written).sum(-1, keepdim=True) * given.v
    return F.layer_norm(output, output.shape[-1:], eps=EPSILON) * core.gain * side["gate"].sigmoid()


# Of gla it has a loop over steps alone.
RECURRENCES: dict[str, Callable[[Given], Tensor]] = {
    recurrence.__name__: recurrence for recurrence in (retnet, mamba2, deltanet, gated_deltanet, kda, rwkv7)
}


def recurrence(name: str, core: SidesFromQueryAndKey, q: Tensor, k: Tensor, v: Tensor, key_mask: Tensor) -> Tensor:
    """What queries (B, H, T, Dh) read, whatever the length: zeros are written behind the end."""
    side, behind = core.sides(q, k), -q.size(-2) % CHUNK
    q, k, v = (F.pad(x, (0, 0, 0, behind)) for x in (q, k, v))
    padded = {each: F.pad(x, (0, 0, 0, behind)) for each, x in side.items()}
    real = F.pad(key_mask, (0, behind))[:, None, :, None]
    output = RECURRENCES[name](Given(core.core, q, k, v, padded, real))
    return output[..., : output.size(-2) - behind, :]


def _log_decay(given: Given) -> Tensor:
    return -given.core.log_rate.exp() * F.softplus(given.side["decay"] + given.core.step_bias) * given.real


def _fading(read: Tensor, written: Tensor, v: Tensor, log_decay: Tensor, *, scale: float | None) -> Tensor:
    """Of one decay for all channels, (B, H, T, 1)."""
    inputs = by_time(read, written, v, log_decay.squeeze(-1))
    output, _ = naive("simple_gla").naive_chunk_simple_gla(*inputs, scale=scale, chunk_size=CHUNK)
    return output.transpose(1, 2)
