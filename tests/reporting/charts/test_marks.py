"""What charts show."""

from attnlab.reporting.charts.marks import Cost, is_far


def test_costs_are_far_apart_from_twenty_times_on_and_those_unknown_do_not_count() -> None:
    rows = [Cost("a", 1.0, 0.5), Cost("b", None, 0.5), Cost("c", 20.0, 0.5)]
    assert not is_far(rows)
    assert is_far([*rows, Cost("d", 20.5, 0.5)])
    assert not is_far([*rows, Cost("d", 0.0, 0.5)])
