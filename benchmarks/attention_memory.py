"""Peak memory of every mechanism's forward and backward pass as the length grows, and that of naive code.

What is linear in the length is measured up to 8192, the others, and explicit softmax attention, up to 2048. Where a
mechanism's fast way is causal, so is the pass.
"""

import sys
from collections.abc import Sequence
from functools import partial

from attnlab.attention import Role
from benchmarks import runner
from benchmarks.attention_arms import (
    EXPLICIT,
    NAIVE_CODE,
    OURS,
    SCALED_DOT,
    Case,
    chosen,
    is_recurrent,
    label,
    measured_role,
    peak,
    results,
    seconds,
)
from benchmarks.attention_peers import NAIVE
from benchmarks.ratios import Ratio, control, is_void, ratio, slope
from benchmarks.report import Row
from benchmarks.selection import Mechanism

LENGTHS = (512, 1024, 2048, 4096, 8192)
LONGEST_QUADRATIC = 2048
# Besides what keeps a state.
LINEAR = ("scaled_dot", "linear", "performer", "linformer", "nystrom", "local", "dilated", "block_sparse", "identity")
LINEAR += ("gated_headwise", "gated_elementwise", "qk_norm", "sink", "off_by_one", "partial_rotary", "axial_rotary")
LINEAR += ("mixed_rotary", "neighbourhood", "swin")
SLOPE_TARGET = 1.1
MEMORY_TARGET, TIME_TARGET = 0.15, 1.0
NUM_HEADS = 2  # of one sequence: naive features of 2048² pairs take a GiB for each tensor
CHECK_LENGTH = 37
AGAIN = "again"
MIB = 2**20


def run(*, rounds: int, only: Sequence[str] | None = None, lengths: Sequence[int] = LENGTHS) -> list[Row]:
    mechanisms = chosen(only)
    short = [length for length in lengths if length <= LONGEST_QUADRATIC]
    rows: list[Row] = []
    for mechanism in mechanisms:
        if mechanism.name in LINEAR or is_recurrent(mechanism):
            rows += _growth(mechanism, OURS, measured_role(mechanism), lengths, SLOPE_TARGET)
        else:
            rows += _growth(mechanism, OURS, measured_role(mechanism), short, None)
    rows += _growth(SCALED_DOT, EXPLICIT, "self", short, None)
    if any(measured_role(mechanism) == "causal" for mechanism in mechanisms):
        rows += _growth(SCALED_DOT, OURS, "causal", short, None)
    for mechanism in (m for m in mechanisms if m.name in NAIVE):
        rows += _against_naive(mechanism, _case(max(short)), rounds)
    return rows


def _case(length: int, role: Role = "self") -> Case:
    return Case(role=role, length=length, batch=1, num_heads=NUM_HEADS)


def _growth(mechanism: Mechanism, arm: str, role: Role, lengths: Sequence[int], target: float | None) -> list[Row]:
    """The peak at each length, once, as it is exact, and the slope of all."""
    cases = [_case(length, role) for length in lengths]
    peaks = [runner.in_fresh_process(partial(peak, arm, mechanism, case))["bytes"] for case in cases]
    exponent = slope(lengths, peaks)
    print(f"{mechanism.name}, {arm}, {label(role)}: grows with length^{exponent:.2f}", file=sys.stderr)
    head = {"mechanism": mechanism.name, "arm": arm, "case": label(role)}
    rows: list[Row] = [
        {**head, "measure": "peak", "length": length, "mib": size / MIB}
        for length, size in zip(lengths, peaks, strict=True)
    ]
    holds = None if target is None else exponent <= target
    rows.append(
        {
            **head,
            "measure": "slope",
            "slope": exponent,
            "target": target,
            "holds": holds,
        }
    )
    return rows


def _against_naive(mechanism: Mechanism, case: Case, rounds: int) -> list[Row]:
    runner.check_equal({arm: partial(results, arm, mechanism, _case(CHECK_LENGTH)) for arm in (NAIVE_CODE, OURS)})
    peaks = {arm: runner.in_fresh_process(partial(peak, arm, mechanism, case))["bytes"] for arm in (OURS, NAIVE_CODE)}
    again = runner.in_fresh_process(partial(peak, OURS, mechanism, case))["bytes"]
    arms = {arm: partial(seconds, arm, mechanism, case) for arm in (OURS, NAIVE_CODE)}
    measured = runner.measure(arms | {AGAIN: arms[OURS]}, rounds=rounds)
    of_time = ratio([m["cpu"] for m in measured[OURS]], [m["cpu"] for m in measured[NAIVE_CODE]])
    of_memory = ratio([peaks[OURS]], [peaks[NAIVE_CODE]])
    return [
        _row(mechanism.name, case, "memory / naive", of_memory, MEMORY_TARGET, again / peaks[OURS]),
        _row(mechanism.name, case, "time / naive", of_time, TIME_TARGET, control(measured, OURS, AGAIN, "cpu")),
    ]


def _row(name: str, case: Case, measure: str, against: Ratio, target: float, control_ratio: float) -> Row:
    print(f"{name}, {measure}: {against.median:.3f}", file=sys.stderr)
    return {
        "mechanism": name,
        "arm": OURS,
        "case": label(case.role),
        "measure": measure,
        "length": case.length,
        "ratio": against.median,
        "low": against.low,
        "high": against.high,
        "target": target,
        "holds": against.holds(target),
        "control": control_ratio,
        "void": is_void(control_ratio),
    }
