"""What charts show."""

from attnlab.reporting.charts.marks import Cost, is_far, rings


def test_costs_are_far_apart_from_twenty_times_on_and_those_unknown_do_not_count() -> None:
    rows = [Cost("a", 1.0, 0.5), Cost("b", None, 0.5), Cost("c", 20.0, 0.5)]
    assert not is_far(rows)
    assert is_far([*rows, Cost("d", 20.5, 0.5)])
    assert not is_far([*rows, Cost("d", 0.0, 0.5)])


def test_arms_at_one_place_are_told_apart_from_those_beside_them_and_from_those_without_a_cost() -> None:
    rows = [Cost("a", 100.0, 0.5), Cost("b", 100.0, 0.5), Cost("c", 60.0, 0.5), Cost("d", 100.5, 0.499)]
    rows += [Cost("e", 100.0, 0.25), Cost("f", None, 0.5)]
    assert rings(rows) == [0, 1, 0, 2, 0, 0]
    far = [Cost("a", 1.0, 0.5), Cost("b", 5.0, 0.5), Cost("c", 1000.0, 0.5), Cost("d", 1000.0, 0.5)]
    assert rings(far) == [0, 0, 0, 1], "on a logarithmic axis 1 and 5 are apart"
    assert rings([Cost("a", 0.0, 0.5), Cost("b", 0.0, 0.5)]) == [0, 1]
