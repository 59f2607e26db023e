"""Forward and backward pass of every mechanism under a padding mask, at equal numbers of tokens.

Mechanisms with dot-product scores stand against the best of three plain ways to write them: explicit softmax, torch's
SDPA, x-transformers' Attend; those that keep a state, causal, against their matrix of weights and, where there is one,
flash-linear-attention's plain code in chunks. The others are reported as multiples of scaled dot-product's best,
without a target.
"""

import dataclasses
import sys
from collections.abc import Sequence
from functools import partial

from benchmarks import runner
from benchmarks.attention_arms import (
    DEFINITION,
    LIBRARY,
    OURS,
    SCALED_DOT,
    Case,
    chosen,
    is_recurrent,
    label,
    measured_role,
    results,
    seconds,
)
from benchmarks.attention_peers import KERNELS, SCORES
from benchmarks.library_recurrences import RECURRENCES
from benchmarks.ratios import Ratio, control, is_void, ratio_to_best
from benchmarks.report import Row
from benchmarks.selection import Mechanism

LENGTHS = (128, 512, 2048)
TOKENS = 2048  # of a batch, whatever their length, as batches are made for training
NUM_HEADS = 4
CHECK_LENGTH = 37
TARGET = 1.05
AGAIN = "again"
KEY = "cpu"  # with one thread it is the time itself, less what the machine did for others


def run(
    *, rounds: int, only: Sequence[str] | None = None, lengths: Sequence[int] = LENGTHS, tokens: int = TOKENS
) -> list[Row]:
    mechanisms = chosen(only)
    rows: list[Row] = []
    for mechanism in mechanisms:
        peers = _peers(mechanism)
        for name, case in (_cases(mechanism) if peers else {}).items():
            _check(mechanism, case, peers)
            sized = (_sized(case, length, tokens) for length in lengths)
            rows += [_against_peers(mechanism, name, each, peers, rounds) for each in sized]
    others = [m for m in mechanisms if not _peers(m)]
    for mechanism in others:
        runner.check_equal({arm: partial(results, arm, mechanism, _SMALL) for arm in (DEFINITION, OURS)})
    for length in lengths if others else ():
        rows += _against_scaled_dot(others, _sized(_SMALL, length, tokens), rounds)
    return rows


_SMALL = Case(length=CHECK_LENGTH, batch=2, num_heads=NUM_HEADS)


def _peers(mechanism: Mechanism) -> list[str]:
    """The plain ways to write it; none where there is its definition alone, which isn't one to be fast."""
    if is_recurrent(mechanism):
        return [DEFINITION, *([LIBRARY] if mechanism.name in RECURRENCES else [])]
    return list(KERNELS) if mechanism.name in SCORES else []


def _cases(mechanism: Mechanism) -> dict[str, Case]:
    """The padding mask for all; what else attention can be called with for the mechanism that has the kernel bare."""
    role = measured_role(mechanism)
    cases = {label(role): dataclasses.replace(_SMALL, role=role)}
    if mechanism.name == SCALED_DOT.name:
        cases |= {
            label("causal"): dataclasses.replace(_SMALL, role="causal"),
            "mask, bias": dataclasses.replace(_SMALL, bias=True),
            "mask, learned bias": dataclasses.replace(_SMALL, bias=True, bias_learns=True),
            "mask, dropout": dataclasses.replace(_SMALL, dropout=0.1),
        }
    return cases


def _sized(case: Case, length: int, tokens: int) -> Case:
    return dataclasses.replace(case, length=length, batch=max(1, tokens // length))


def _check(mechanism: Mechanism, case: Case, peers: Sequence[str]) -> None:
    alike = dataclasses.replace(case, dropout=0.0)  # each arm would drop weights of its own
    runner.check_equal(
        {arm: partial(results, arm, mechanism, alike) for arm in dict.fromkeys([DEFINITION, OURS, *peers])}
    )


def _against_peers(mechanism: Mechanism, name: str, case: Case, peers: Sequence[str], rounds: int) -> Row:
    arms = {arm: partial(seconds, arm, mechanism, case) for arm in (OURS, *peers)}
    measured = runner.measure(arms | {AGAIN: arms[OURS]}, rounds=rounds)
    peer, against = ratio_to_best(measured, OURS, peers, KEY)
    trust = control(measured, OURS, AGAIN, KEY)
    return _row(mechanism.name, name, case, measured[OURS], against, peer, trust, TARGET)


def _against_scaled_dot(mechanisms: Sequence[Mechanism], case: Case, rounds: int) -> list[Row]:
    plain = {f"scaled_dot by {kernel}": partial(seconds, kernel, SCALED_DOT, case) for kernel in ("sdpa", "explicit")}
    first = next(iter(plain))
    arms = {m.name: partial(seconds, OURS, m, case) for m in mechanisms}
    measured = runner.measure(plain | arms | {AGAIN: plain[first]}, rounds=rounds)
    trust = control(measured, first, AGAIN, KEY)
    rows = []
    for name in arms:
        peer, against = ratio_to_best(measured, name, list(plain), KEY)
        rows.append(_row(name, label(case.role), case, measured[name], against, peer, trust, None))
    return rows


def _row(
    name: str,
    called: str,
    case: Case,
    ours: Sequence[runner.Measures],
    against: Ratio,
    peer: str,
    trust: float,
    target: float | None,
) -> Row:
    row = {
        "mechanism": name,
        "case": called,
        "length": case.length,
        "peer": peer,
        "ratio": against.median,
        "low": against.low,
        "high": against.high,
        "target": target,
        "holds": None if target is None else against.holds(target),
        "control": trust,
        "void": is_void(trust),
        **{f"{key}_ms": 1000 * min(measures[key] for measures in ours) for key in ("cpu", "wall")},
        **{f"{key}_ms": 1000 * min(measures[key] for measures in ours) for key in ("cpu_median", "wall_median")},
    }
    print(f"{name}, {called}, {case.length}: {against.median:.3f} of {peer}", file=sys.stderr)
    return row
