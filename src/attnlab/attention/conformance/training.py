"""What must hold of a mechanism in training: there it is what it is in evaluation, but for what dropout drops.

Among `conformance.CHECKS`.
"""

import torch
from torch import Tensor

from attnlab.attention.conformance.inputs import (
    LENGTHS,
    LONG,
    CoreFactory,
    as_module,
    build_core,
    gradients,
    qkv,
    ragged_mask,
    require,
    require_close,
)
from attnlab.attention.core import Core, Role

CURE = "a BatchNorm does so, in training alone: use LayerNorm or RMSNorm"


def training_mixes_no_rows_padding_or_future(factory: CoreFactory, role: Role) -> None:
    core = _in_training(factory, role, dropout=0.0)
    for num_queries, num_keys in LENGTHS[role]:
        q, k, v = qkv(num_queries, num_keys)
        key_mask = ragged_mask(num_keys)
        # By gradients alone: whatever is drawn at random in training may change the values.
        output = core(q, k, v, key_mask=key_mask)
        for name, gradient in zip("qkv", gradients(output[:1], q, k, v), strict=True):
            _require_none(gradient[1:], f"a row of the batch has a gradient to another row's {name}")
        hidden = ~key_mask[:, None, :, None]
        for name, gradient in zip("kv", gradients(output, k, v), strict=True):
            _require_none(gradient.masked_select(hidden), f"a result has a gradient to a masked key's {name}")
        for i in range(num_queries if role == "causal" else 0):
            later = [i + 1, *[num_keys - num_queries + i + 1] * 2]
            for name, start, gradient in zip("qkv", later, gradients(output[:, :, i], q, k, v), strict=True):
                _require_none(gradient[:, :, start:], f"a query has a gradient to the {name} of later places")


def dropout_acts_in_training_only(factory: CoreFactory, role: Role) -> None:
    core = build_core(factory, role, dropout=0.5)
    q, k, v = qkv(LONG, LONG)
    plain = build_core(factory, role)(q, k, v)
    require_close(core(q, k, v), plain, "dropout acts in evaluation")
    as_module(core).train()
    first, second = core(q, k, v), core(q, k, v)
    require(not torch.equal(first, second), "dropout does nothing in training")


def weights_are_before_dropout(factory: CoreFactory, role: Role) -> None:
    q, k, _ = qkv(LONG, LONG)
    expected = build_core(factory, role)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        plain = _in_training(factory, role, dropout=0.0).weights(q, k)
        torch.manual_seed(0)
        given = _in_training(factory, role, dropout=0.5).weights(q, k)
    message = "weights must be without dropout in training, too: attend and maps would show what was dropped by chance"
    require_close(given, plain, message)
    message = "weights are others in training than in evaluation, without any dropout: maps show what wasn't trained"
    require_close(plain, expected.weights(q, k), f"{message} ({CURE})")


def _in_training(factory: CoreFactory, role: Role, *, dropout: float) -> Core:
    core = build_core(factory, role, dropout=dropout)
    as_module(core).train()
    return core


def _require_none(gradient: Tensor, what: str) -> None:
    require(bool((gradient == 0).all()), f"in training {what}: {CURE}")
