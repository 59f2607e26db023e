"""Scores as they are printed: four digits, but counts whole."""

import pytest

from attnlab.reporting.terminal.text import score_text


@pytest.mark.parametrize(
    "value, text",
    [
        (0.123456, "0.1235"),
        (29.0, "29"),
        (-0.00012345, "-0.0001234"),
        (999.96, "1000"),
        (9999.6, "10,000"),
        (10_000.0, "10,000"),
        (1_234_567.0, "1,234,567"),
        (float("nan"), "nan"),
    ],
)
def test_no_count_has_an_exponent(value: float, text: str) -> None:
    assert score_text(value) == text
