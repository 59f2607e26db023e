"""A mechanism's forward and backward pass, ours or a peer's, as the arms of a comparison.

Every function here runs in a fresh process and gets names, so that it pickles.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from hydra.utils import get_class, instantiate
from numpy.typing import NDArray
from torch import Tensor, nn

from attnlab.attention import Role
from attnlab.attention.conformance.grids import placed
from attnlab.attention.conformance.sides import SidesFromQueryAndKey
from attnlab.attention.core import sides_of
from attnlab.attention.past import own_advance
from benchmarks import runner
from benchmarks.attention_peers import SCORES, Scores, attended, naive
from benchmarks.library_recurrences import recurrence
from benchmarks.passes import Pass
from benchmarks.runner import Measures
from benchmarks.selection import Mechanism, configurations, selected

OURS, DEFINITION, NAIVE_CODE, EXPLICIT, LIBRARY = "ours", "definition", "naive", "explicit", "flash-linear-attention"


SCALED_DOT = Mechanism("scaled_dot", {"_target_": "attnlab.attention.ScaledDotAttention", "_partial_": True})


@dataclass(frozen=True, kw_only=True)
class Case:
    """What attention is called with besides a padding mask, and how large it is."""

    role: Role = "self"
    bias: bool = False
    bias_learns: bool = False  # it needs a gradient
    dropout: float = 0.0
    length: int
    batch: int
    num_heads: int
    head_dim: int = 32


def attention_pass(attend: Callable[..., Tensor], case: Case, parameters: list[nn.Parameter]) -> Pass:
    """A pass of `attend` on fixed inputs, in the shell's layout, (B, T, H, Dh) behind the transposed."""
    generator = torch.Generator().manual_seed(0)
    shape = (case.batch, case.length, case.num_heads, case.head_dim)
    q, k, v, output_gradient = (torch.randn(shape, generator=generator).transpose(1, 2) for _ in range(4))
    inputs = [x.requires_grad_() for x in (q, k, v)]
    bias = None
    if case.bias:
        bias = torch.randn(case.num_heads, case.length, case.length, generator=generator)
        bias.requires_grad_(case.bias_learns)
    learned = [bias] if case.bias_learns and bias is not None else []
    call = partial(attend, *inputs, key_mask=padding(case.batch, case.length), bias=bias)
    return Pass(call, leaves=[*inputs, *learned, *parameters], output_gradient=output_gradient)


def padding(batch: int, length: int) -> Tensor:
    """A key mask (B, T) whose rows end in padding of an eighth or a quarter."""
    real = length - length // torch.tensor([8, 4]).repeat(batch)[:batch]
    return torch.arange(length) < real[:, None]


def chosen(only: Sequence[str] | None) -> list[Mechanism]:
    """The mechanisms of these names, or all; exits with a line for a name there isn't."""
    runner.preload(__name__)
    return selected(mechanisms(), only)


def mechanisms() -> dict[str, Mechanism]:
    """Those of conf/attention with a core, which is what is measured: the shell around it is the same for all."""
    return {name: Mechanism(name, config["core"]) for name, config in configurations("attention") if "core" in config}


def is_recurrent(mechanism: Mechanism) -> bool:
    """Whether it goes on from a state."""
    return own_advance(get_class(mechanism.config["_target_"])) is not None


def measured_role(mechanism: Mechanism) -> Role:
    """The one in which its fast way goes: causal of what keeps a state, whose self goes both ways, or of what fades."""
    return "causal" if is_recurrent(mechanism) or mechanism.name == "forgetting" else "self"


def label(role: Role) -> str:
    """What it is called with, of a result."""
    return "mask, causal" if role == "causal" else "mask"


def build_core(mechanism: Mechanism, case: Case) -> nn.Module:
    torch.manual_seed(0)
    core = instantiate(mechanism.config)(
        num_heads=case.num_heads,
        head_dim=case.head_dim,
        role=case.role,
        max_length=case.length,
        dropout=case.dropout,
    )
    core = placed(core)
    return SidesFromQueryAndKey(core) if sides_of(core) else core


def one_pass(arm: str, mechanism: Mechanism, case: Case) -> Pass:
    """`arm` is ours, the mechanism's own definition, naive code, a library's recurrence, or one of the kernels."""
    core = build_core(mechanism, case)
    causal = case.role == "causal"

    def definition(q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor, bias: Tensor | None) -> Tensor:
        return core.combine(core.weights(q, k, key_mask=key_mask, bias=bias), v)

    def naively(q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor, bias: Tensor | None) -> Tensor:
        return naive(mechanism.name, core, q, k, v, key_mask[:, None, None])

    def by_library(q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor, bias: Tensor | None) -> Tensor:
        return recurrence(mechanism.name, core, q, k, v, key_mask)

    def plainly(q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor, bias: Tensor | None) -> Tensor:
        scores: Scores = SCORES[mechanism.name](core, q, k)
        if bias is not None:
            scores = scores._replace(bias=bias if scores.bias is None else scores.bias + bias)
        return attended(arm, scores, v, key_mask[:, None, None], causal=causal, dropout=case.dropout)

    attend = {OURS: core, DEFINITION: definition, NAIVE_CODE: naively, LIBRARY: by_library}.get(arm, plainly)
    return attention_pass(attend, case, list(core.parameters()))


def results(arm: str, mechanism: Mechanism, case: Case) -> list[NDArray[np.floating]]:
    return one_pass(arm, mechanism, case).results()


def seconds(arm: str, mechanism: Mechanism, case: Case) -> Measures:
    return one_pass(arm, mechanism, case).seconds()


def peak(arm: str, mechanism: Mechanism, case: Case) -> Measures:
    return one_pass(arm, mechanism, case).peak()
