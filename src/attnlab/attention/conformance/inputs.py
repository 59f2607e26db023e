"""What the conformance checks are fed and how they complain."""

from collections.abc import Callable
from functools import partial
from typing import cast

import torch
from torch import Tensor, nn

from attnlab.attention.conformance.grids import placed, placing
from attnlab.attention.conformance.sibling import ShellFactory, Sibling, SiblingAsCore
from attnlab.attention.conformance.sides import SidesFromQueryAndKey
from attnlab.attention.core import Core, Role, sides_of
from attnlab.attention.core_checks import no_tensor
from attnlab.attention.multihead import MultiHeadAttention

CoreFactory = Callable[..., Core]

# Sizes differ in every axis, so that a swapped one can't pass; the width is even for mechanisms that work on pairs.
BATCH, HEADS, SHORT, LONG, HEAD_DIM, MAX_LENGTH = 2, 3, 5, 7, 10, 13
LONGER = 131  # beyond two chunks of 64, as recurrences go in, and then some
LENGTHS: dict[Role, list[tuple[int, int]]] = {  # (Tq, Tk)
    "self": [(LONG, LONG)],
    "causal": [(LONG, LONG), (SHORT, LONG), (1, LONG)],
    "cross": [(SHORT, LONG), (LONG, SHORT), (1, LONG)],
}
ROUNDING = 1e-9  # of float64 through a few sums
BFLOAT16_ERROR = 0.05  # root mean square, as a share of the result's


def build_core(
    factory: CoreFactory,
    role: Role,
    *,
    num_heads: int = HEADS,
    head_dim: int = HEAD_DIM,
    dropout: float = 0.0,
    dtype: torch.dtype = torch.float64,
    seed: int = 0,
    max_length: int = MAX_LENGTH,
) -> Core:
    """A core in evaluation, its parameters moved off whatever special values they start from.

    Its sides come from q and k, and its keys stand on a grid, where it declares so.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        core = factory(num_heads=num_heads, head_dim=head_dim, role=role, max_length=max_length, dropout=dropout)
        _settle(as_module(core), dtype)
    core = placed(core)
    return cast(Core, SidesFromQueryAndKey(core)) if sides_of(core) else core


def build_shell(
    factory: ShellFactory,
    role: Role,
    *,
    width: int | None = None,
    dtype: torch.dtype = torch.float64,
    length: int = LONG,
) -> tuple[MultiHeadAttention, Tensor]:
    """What `in_shell` gives, built likewise, and a source (B, `length`, `width`, by default D) that takes gradients."""
    dim, max_length = HEADS * HEAD_DIM, max(length, MAX_LENGTH)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        attention = factory(dim, num_heads=HEADS, role=role, max_length=max_length, key_dim=width, value_dim=width)
        _settle(attention, dtype)
        source = torch.randn(BATCH, length, dim if width is None else width, dtype=dtype, requires_grad=True)
    return attention, source


def in_shell(factory: CoreFactory) -> ShellFactory:
    """What makes the shell around a core; of a sibling of the shell, what makes the sibling."""
    return factory.factory if isinstance(factory, Sibling) else partial(MultiHeadAttention, core=placing(factory))


def nothing_attended(core: Core, weights: Tensor, v: Tensor) -> Tensor:
    """What must come of nothing to attend: zeros; of a sibling of the shell, what its projections make of them."""
    nothing = core.combine(torch.zeros_like(weights), v)
    return nothing if isinstance(core, SiblingAsCore) else torch.zeros_like(nothing)


def as_module(core: Core) -> nn.Module:
    require(isinstance(core, nn.Module), f"a core must be an nn.Module, got {type(core).__name__}")
    return cast(nn.Module, core)


def qkv(num_queries: int, num_keys: int) -> tuple[Tensor, Tensor, Tensor]:
    """q, k, v of unit variance, in float64, that take gradients."""
    generator = torch.Generator().manual_seed(num_queries * num_keys)
    q, k, v = (
        torch.randn(BATCH, HEADS, length, HEAD_DIM, dtype=torch.float64, generator=generator).requires_grad_()
        for length in (num_queries, num_keys, num_keys)
    )
    return q, k, v


def ragged_mask(num_keys: int) -> Tensor:
    """(B, Tk): one row ends early, the other has a hole; the first key stays, so that every causal query has one."""
    key_mask = torch.ones(BATCH, num_keys, dtype=torch.bool)
    key_mask[0, -2:] = False
    key_mask[1, 1] = False
    return key_mask


def random_bias(num_queries: int, num_keys: int) -> Tensor:
    """(1, H, Tq, Tk) in float64: another one for each head, the same for each row of the batch."""
    generator = torch.Generator().manual_seed(1)
    return torch.randn(1, HEADS, num_queries, num_keys, dtype=torch.float64, generator=generator)


def gradients(output: Tensor, *inputs: Tensor) -> tuple[Tensor, ...]:
    """Those of a random projection of `output`; zeros for an input that it doesn't depend on."""
    if not output.requires_grad:
        return tuple(torch.zeros_like(tensor) for tensor in inputs)
    projection = torch.randn(output.shape, dtype=output.dtype, generator=torch.Generator().manual_seed(2))
    return torch.autograd.grad(output, inputs, projection, retain_graph=True, allow_unused=True, materialize_grads=True)


def require(condition: bool, message: str) -> None:
    """Like assert, which `python -O` would drop."""
    if not condition:
        raise AssertionError(message)


def require_shape(found: object, shape: tuple[int, ...], rule: str) -> None:
    if not isinstance(found, Tensor):
        raise AssertionError(f"{rule}, got {no_tensor(found)} (return that alone)")
    require(tuple(found.shape) == shape, f"{rule}, here {shape}, got {tuple(found.shape)}")


def require_numbers(**results: Tensor) -> None:
    """What is made of ordinary inputs must be finite: of what isn't every check would say something else."""
    for name, found in results.items():
        if not bool(found.isfinite().all()):
            what = "nan" if bool(found.isnan().any()) else "infinite"
            raise AssertionError(
                f"`{name}` is {what} for ordinary inputs (look at what it divides by, or takes the root or log of)"
            )


def require_close(actual: Tensor, expected: Tensor, message: str, tolerance: float = ROUNDING) -> None:
    worst = (actual - expected).abs().max().item()
    require(worst <= tolerance, f"{message} (largest difference {worst:.2g}, allowed {tolerance:.2g})")


def require_near(actual: Tensor, expected: Tensor, message: str) -> None:
    """Close enough for bfloat16."""
    error = ((actual.double() - expected.double()).square().mean() / expected.double().square().mean()).sqrt().item()
    require(error <= BFLOAT16_ERROR, f"{message} (relative error {error:.2g}, allowed {BFLOAT16_ERROR:.2g})")


def require_value_error(call: Callable[[], object], message: str) -> None:
    try:
        call()
    except ValueError:
        return
    raise AssertionError(message)


def _settle(module: nn.Module, dtype: torch.dtype) -> None:
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    module.to(dtype).eval()
