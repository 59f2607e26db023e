"""Time and peak memory of what stands in the shell's place, with its projections, against the shell's own.

The peer is the shell around scaled dot-product. Sizes are those of attention-time and attention-memory.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from hydra.utils import instantiate
from numpy.typing import NDArray
from torch import Tensor

from benchmarks import runner
from benchmarks.against_peer import peak_rows, time_rows
from benchmarks.attention_arms import DEFINITION, OURS, SCALED_DOT, padding
from benchmarks.passes import Pass
from benchmarks.report import Row
from benchmarks.selection import Mechanism, configurations, selected

LENGTHS = (128, 512, 2048)
TOKENS = 2048  # of a batch to be timed
MEMORY_LENGTHS = (512, 1024, 2048, 4096, 8192)  # of one sequence
NUM_HEADS, MEMORY_NUM_HEADS = 4, 2
CHECK_LENGTH = 37
SHELL = Mechanism(SCALED_DOT.name, {"_target_": "attnlab.attention.MultiHeadAttention", "core": SCALED_DOT.config})


@dataclass(frozen=True, kw_only=True)
class Case:
    length: int
    batch: int
    num_heads: int
    head_dim: int = 32


def run(
    *,
    rounds: int,
    only: Sequence[str] | None = None,
    lengths: Sequence[int] = LENGTHS,
    memory_lengths: Sequence[int] = MEMORY_LENGTHS,
    tokens: int = TOKENS,
) -> list[Row]:
    runner.preload(__name__)
    mechanisms = [SHELL, *selected(siblings(), only)]
    small = Case(length=CHECK_LENGTH, batch=2, num_heads=NUM_HEADS)
    for mechanism in mechanisms:
        runner.check_equal({arm: partial(results, arm, mechanism, small) for arm in (DEFINITION, OURS)})
    rows: list[Row] = []
    for length in lengths:
        case = dataclasses.replace(small, length=length, batch=max(1, tokens // length))
        rows += time_rows(_passes(mechanisms, case), SHELL.name, {"length": length}, rounds=rounds)
    for length in memory_lengths:
        case = Case(length=length, batch=1, num_heads=MEMORY_NUM_HEADS)
        rows += peak_rows(_passes(mechanisms, case), SHELL.name, {"length": length})
    return rows


def siblings() -> dict[str, Mechanism]:
    """Those of conf/attention that have no core to put in the shell."""
    return {name: Mechanism(name, config) for name, config in configurations("attention") if "core" not in config}


def _passes(mechanisms: Sequence[Mechanism], case: Case) -> dict[str, partial[Pass]]:
    return {mechanism.name: partial(one_pass, OURS, mechanism, case) for mechanism in mechanisms}


def one_pass(arm: str, mechanism: Mechanism, case: Case) -> Pass:
    """`arm` is ours, or the mechanism's definition, which is what gives the weights, too."""
    torch.manual_seed(0)
    dim = case.num_heads * case.head_dim
    attention = instantiate(mechanism.config | {"_partial_": True})(
        dim, num_heads=case.num_heads, role="self", max_length=case.length
    )
    x, output_gradient = torch.randn(2, case.batch, case.length, dim)
    x.requires_grad_()

    def call() -> Tensor:
        key_mask = padding(case.batch, case.length)
        output: Tensor = attention(x, key_mask=key_mask) if arm == OURS else attention.attend(x, key_mask=key_mask)[0]
        return output

    return Pass(call, leaves=[x, *attention.parameters()], output_gradient=output_gradient)


def results(arm: str, mechanism: Mechanism, case: Case) -> list[NDArray[np.floating]]:
    return one_pass(arm, mechanism, case).results()
