"""Numbers that stand together are written alike."""

import pytest

from attnlab.reporting.numbers import column, fixed, places, spread


@pytest.mark.parametrize(
    "value, decimals, written",
    [(-0.0003, 3, "0.000"), (0.0, 2, "0.00"), (0.0126, 3, "+0.013"), (-1234.5, 1, "-1,234.5"), (0.4, 0, "0")],
)
def test_what_rounds_to_zero_has_no_sign(value: float, decimals: int, written: str) -> None:
    assert fixed(value, decimals, signed=True) == written


def test_a_column_has_one_place_which_its_greatest_decides() -> None:
    assert column([0.206, 0.1885, None]) == ["0.2060", "0.1885", "-"]
    assert column([23.4, 7.123]) == ["23.40", "7.12"]
    assert column([1234.5, 3.25]) == ["1,234", "3"]
    assert column([None]) == ["-"]


def test_digits_are_those_of_the_greatest_and_not_without_end() -> None:
    assert places([0.012], digits=2) == 3
    assert places([1e-30]) == 6
    assert places([0.0, None, float("nan")]) == 3


def test_a_deviation_is_never_rounded_to_nothing() -> None:
    assert spread(0.00601, 4) == "0.0060"
    assert spread(0.000012, 4) == "1.2e-05"
    assert spread(0.0, 4) == "0.0000"
    assert spread(None, 4) == "-"
