"""Numbers as pages, charts and sentences write them: those that stand together to one place, zero without a sign."""

import math
from collections.abc import Iterable, Sequence

NOTHING = "-"
MOST_PLACES = 6


def fixed(value: float, places: int, *, signed: bool = False) -> str:
    """With so many decimals: +0.021, 1,234; what rounds to zero has no sign."""
    shown = f"{value:{'+' if signed else ''},.{places}f}"
    return shown if any(digit in shown for digit in "123456789") or not math.isfinite(value) else f"{0:.{places}f}"


def places(values: Iterable[float | None], *, digits: int = 4) -> int:
    """The decimals with which the greatest of them has so many digits."""
    greatest = max((abs(each) for each in values if each is not None and math.isfinite(each)), default=0.0)
    if not greatest:
        return digits - 1
    return min(MOST_PLACES, max(0, digits - 1 - math.floor(math.log10(greatest))))


def column(values: Sequence[float | None]) -> list[str]:
    """Scores under one another, four digits of the greatest: 0.2060, 0.1885; - where there is none."""
    decimals = places(values)
    return [NOTHING if each is None else fixed(each, decimals) for each in values]


def span(low: float, high: float, decimals: int) -> str:
    """From one to the other."""
    return f"{fixed(low, decimals)} - {fixed(high, decimals)}"


def spread(value: float | None, decimals: int) -> str:
    """A deviation beside a score of so many decimals; two digits of one that would be zero there."""
    if value is None:
        return NOTHING
    shown = fixed(value, decimals)
    return f"{value:.2g}" if value and not float(shown.replace(",", "")) else shown
