"""Checks on numbers at the ends of what may come: a bias that forbids, a vector of zeros."""

import torch
from torch import Tensor

from attnlab.attention.conformance.inputs import LONG, CoreFactory, build_core, gradients, qkv, require
from attnlab.attention.core import Role


def a_bias_of_minus_infinity_hides(factory: CoreFactory, role: Role) -> None:
    core = build_core(factory, role)
    if not core.properties.takes_bias:
        return
    q, k, v = qkv(LONG, LONG)
    bias = torch.zeros(1, 1, LONG, LONG, dtype=torch.float64)
    bias[..., 1:, 0] = -torch.inf  # the first query keeps the one key that it has in the role causal
    weights, output = core.weights(q, k, bias=bias), core(q, k, v, bias=bias)
    _require_finite(weights, output, q, k, v, what="a bias of -inf on a key")
    require(bool((weights[..., 1:, 0] == 0).all()), "a key whose bias is -inf must have exactly zero weight")


def a_vector_of_zeros_is_attended(factory: CoreFactory, role: Role) -> None:
    core = build_core(factory, role)
    _, _, v = qkv(LONG, LONG)
    q, k = (torch.zeros_like(v, requires_grad=True) for _ in range(2))
    _require_finite(core.weights(q, k), core(q, k, v), q, k, v, what="a query and key of zeros")


def _require_finite(weights: Tensor, output: Tensor, *inputs: Tensor, what: str) -> None:
    for name, result in {"the weights": weights, "the output": output}.items():
        require(bool(result.isfinite().all()), f"{what} makes {name} NaN or infinite")
        for each, gradient in zip("qkv", gradients(result, *inputs), strict=True):
            require(bool(gradient.isfinite().all()), f"{what} makes {each}'s gradient NaN or infinite")
