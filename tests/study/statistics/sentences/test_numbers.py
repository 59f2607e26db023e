"""Numbers are written to the place that their interval knows."""

import pytest
from made_runs import runs

from attnlab.study.statistics.judge import judge
from attnlab.study.statistics.planning import Need
from attnlab.study.statistics.sentences import numbers
from attnlab.study.statistics.verdict import Comparison, Estimate


@pytest.mark.parametrize(
    "difference, half, written",
    [
        (8.1234, 1.94, ("+8.1", "+6.2", "+10.1")),
        (-0.0123, 0.0061, ("-0.0123", "-0.0184", "-0.0062")),
        (1234.5, 99.0, ("+1,234", "+1,136", "+1,334")),
        (0.0, 0.0, ("0.000", "0.000", "0.000")),
        (-0.0003, 0.012, ("0.000", "-0.012", "+0.012")),
    ],
)
def test_a_difference_and_its_interval_have_the_same_place(
    difference: float, half: float, written: tuple[str, str, str]
) -> None:
    effect = Estimate(difference, difference - half, difference + half, half / 2, 8, 0.01)
    assert numbers.difference(effect) == written


@pytest.mark.parametrize("p, written", [(0.0004, "< .001"), (0.0123, "= .012"), (0.5, "= .500"), (1.0, "= 1")])
def test_probabilities(p: float, written: str) -> None:
    assert numbers.probability(p) == written


@pytest.mark.parametrize("value, written", [(0.01234, "0.0123"), (12.345, "12.3"), (1234.5, "1,234")])
def test_three_digits(value: float, written: str) -> None:
    assert numbers.three_digits(value) == written


@pytest.mark.parametrize("value, written", [(0.0214, "0.021"), (0.02, "0.020"), (1.249, "1.2"), (123.6, "124")])
def test_two_digits_of_what_is_estimated(value: float, written: str) -> None:
    assert numbers.two_digits(value) == written


def test_seeds() -> None:
    assert numbers.seeds(Need(9, 17, None)) == "9-17"
    assert numbers.seeds(Need(5, 5, None)) == "5"
    assert numbers.seeds(Need(None, None, None)) is None
    assert numbers.seeds(Need(900, None, None)) is None


@pytest.mark.parametrize(
    "deviation, said", [(0.015, None), (0.025, ("a", "b", "2.5")), (0.004, ("b", "a", "2.5")), (0.0, ("b", "a", ""))]
)
def test_variation_is_said_over_two_times_whichever_varies(deviation: float, said: tuple[str, str, str] | None) -> None:
    comparison = Comparison("t", "chrf", runs("a", 1.0, deviation=deviation), runs("b", 1.0), higher_is_better=True)
    found = numbers.variation(judge([comparison])[0])
    assert found == (said and numbers.Variation(*said))
