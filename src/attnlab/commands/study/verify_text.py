"""What came of verifying a row, as a person reads it."""

from collections.abc import Iterator
from typing import Any

from attnlab.study.verdict_table import columns
from attnlab.study.verifying import Check, Compared, Verification

SHORT = 12  # digits of a hash


def verified_lines(found: Verification) -> Iterator[str]:
    """The receipt, the losses, and the finding."""
    yield f"row {found.job.arm}/{found.job.seed}: {found.job.folder}"
    yield from columns([_row(each) for each in found.checks])
    if found.compared is not None:
        yield from (f"  {line}" for line in _losses(found.compared))
    if found.failed is not None:
        yield f"  its first updates can't be trained again: {found.failed}"
    yield "verified: this code and data give this run" if found.holds else f"NOT verified: {_why(found)}"


def _row(check: Check) -> list[str]:
    if check.holds:
        return [check.what, _shown(check.recorded), "as on record"]
    weight = "" if check.decides else ", which alone decides nothing"
    return [check.what, _shown(check.recorded), f"DIFFERS: {_shown(check.now)} now{weight}"]


def _shown(value: Any) -> str:
    if value is None:
        return "not recorded"
    return value[:SHORT] if isinstance(value, str) else str(value)


def _losses(compared: Compared) -> Iterator[str]:
    how = "each of the first" if compared.by_update else "means in its log, older than records of each, at"
    yield f"losses: {how} {compared.rows} {'update' if compared.rows == 1 else 'updates'}, trained again"
    place = "elsewhere" if compared.elsewhere else "on the same type of machine, with as many threads"
    allowed = f"{compared.tolerance:g} is allowed {place}"
    if compared.difference == 0:
        yield f"  equal to the last bit ({allowed})"
    else:
        step, name = compared.where
        yield f"  largest relative difference {compared.difference:.3g}, of {name} at update {step} ({allowed})"
    yield from (f"  {why}" for why in compared.elsewhere)


def _why(found: Verification) -> str:
    decisive = [each.what for each in found.checks if each.decides and not each.holds]
    if decisive:
        return f"another {decisive[0]} than on record"
    return "this code doesn't train it" if found.compared is None else "the losses aren't those on record"
