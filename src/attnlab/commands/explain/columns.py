"""Numbers, and columns of them."""

from collections.abc import Iterator, Sequence

from attnlab.reporting.terminal.text import display_width, pad

BAR_COLUMNS = 30


def lined_up(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(display_width(row[i]) for row in rows if i < len(row)) for i in range(max(map(len, rows)))]
    for row in rows:
        yield ("   " + "  ".join(pad(cell, width) for cell, width in zip(row, widths, strict=False))).rstrip()


def as_number(value: float | None) -> str:
    """Four decimals, or four digits where these would be too many or too few; None is the score of a masked key."""
    if value is None:
        return "masked"
    value += 0.0  # a zero has no sign to be shown
    return f"{value:.4f}" if value == 0 or 1e-3 <= abs(value) < 1e5 else f"{value:.3e}"


def as_bar(weight: float) -> str:
    return "█" * round(max(0.0, min(1.0, weight)) * BAR_COLUMNS)
