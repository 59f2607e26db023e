"""How time grows with the length where a state is kept, and what is kept in decoding; beside scaled dot-product.

Each mechanism that goes on from a state, in the role causal: forward and backward pass of one sequence; and, through
the shell, the bytes that `advance` keeps of so many steps and the time of one step more.
"""

import sys
from collections.abc import Sequence
from functools import partial

import torch
from hydra.utils import instantiate

from attnlab.attention import KeyValue, MultiHeadAttention, Past
from benchmarks import runner, timing
from benchmarks.attention_arms import OURS, SCALED_DOT, Case, chosen, is_recurrent, seconds
from benchmarks.ratios import control, is_void, ratio, slope
from benchmarks.report import Row
from benchmarks.runner import Measures
from benchmarks.selection import Mechanism

LENGTHS = (512, 1024, 2048, 4096, 8192)
SLOPE_TARGET = 1.1
NUM_HEADS, HEAD_DIM = 4, 32
AGAIN = "again"
KIB = 2**10


def run(*, rounds: int, only: Sequence[str] | None = None, lengths: Sequence[int] = LENGTHS) -> list[Row]:
    mechanisms = [each for each in chosen(only) if is_recurrent(each)]
    rows = [row for each in (*mechanisms, SCALED_DOT) for row in _kept(each, lengths)]
    for mechanism in mechanisms:
        rows += _time(mechanism, lengths, rounds)
    return rows


def _case(length: int) -> Case:
    return Case(role="causal", length=length, batch=1, num_heads=NUM_HEADS, head_dim=HEAD_DIM)


def _time(mechanism: Mechanism, lengths: Sequence[int], rounds: int) -> list[Row]:
    """The least of the rounds at each length, the slope of all, and the ratio to scaled dot-product at the greatest."""
    arms = {f"{length}": partial(seconds, OURS, mechanism, _case(length)) for length in lengths}
    longest = arms[f"{max(lengths)}"]
    peer = partial(seconds, OURS, SCALED_DOT, _case(max(lengths)))
    measured = runner.measure(arms | {AGAIN: longest, SCALED_DOT.name: peer}, rounds=rounds)
    least = [min(each["cpu"] for each in measured[f"{length}"]) for length in lengths]
    exponent = slope(lengths, least)
    against = ratio(*([each["cpu"] for each in measured[name]] for name in (f"{max(lengths)}", SCALED_DOT.name)))
    trust = control(measured, f"{max(lengths)}", AGAIN, "cpu")
    print(f"{mechanism.name}: time grows with length^{exponent:.2f}, {against.median:.2f} of peer", file=sys.stderr)
    head = {"mechanism": mechanism.name}
    return [
        *({**head, "measure": "pass", "length": n, "cpu_ms": 1e3 * t} for n, t in zip(lengths, least, strict=True)),
        {
            **head,
            "measure": "slope",
            "slope": exponent,
            "target": SLOPE_TARGET,
            "holds": exponent <= SLOPE_TARGET,
        },
        {
            **head,
            "measure": "pass / scaled_dot",
            "length": max(lengths),
            **against._asdict(),
            "control": trust,
            "void": is_void(trust),
        },
    ]


def _kept(mechanism: Mechanism, lengths: Sequence[int]) -> list[Row]:
    """The bytes kept of so many steps, which a state must have alike at all lengths, and the time of a step more."""
    measured = [runner.in_fresh_process(partial(decoding, mechanism, length)) for length in lengths]
    constant = len({each["bytes"] for each in measured}) == 1
    rows: list[Row] = [
        {
            "mechanism": mechanism.name,
            "measure": "step",
            "length": length,
            "cpu_ms": 1e3 * each["cpu"],
            "kept_kib": each["bytes"] / KIB,
            "holds": None if mechanism == SCALED_DOT else constant,
        }
        for length, each in zip(lengths, measured, strict=True)
    ]
    print(f"{mechanism.name}: {rows[-1]['kept_kib']:.4g} KiB kept of {max(lengths)} steps", file=sys.stderr)
    return rows


def decoding(mechanism: Mechanism, length: int) -> Measures:
    """The time of one step after `length`, and the bytes kept of those."""
    torch.manual_seed(0)
    dim = NUM_HEADS * HEAD_DIM
    core = instantiate(mechanism.config)
    attention = MultiHeadAttention(dim, num_heads=NUM_HEADS, core=core, role="causal", max_length=length + 1).eval()
    with torch.inference_mode():
        _, past = attention.advance(torch.randn(1, length, dim))
        newest = torch.randn(1, 1, dim)
        return {**timing.time_calls(lambda: attention.advance(newest, past)), "bytes": float(num_bytes(past))}


def num_bytes(past: Past) -> int:
    """Of keys, values and sides, or of a state; what two names share counts once."""
    tensors = [past.k, past.v, *(past.side or {}).values()] if isinstance(past, KeyValue) else list(past)
    return sum({each.data_ptr(): each.numel() * each.element_size() for each in tensors}.values())
