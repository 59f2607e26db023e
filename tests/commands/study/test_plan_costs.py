"""What of a plan says what it costs."""

from tiny_study import made_plan

from attnlab.commands.study.plan_costs import cost_lines, time_lines
from attnlab.study.expected_time import ExpectedTime


def _time(seconds: float | None = None, *, probed: bool = False) -> str:
    plan = made_plan()
    times = {each.name: ExpectedTime(left=5, seconds_a_run=seconds, probed=probed) for each in plan.arms}
    return "\n".join(time_lines(plan, times))


def test_costs_stand_in_columns() -> None:
    found = "\n".join(cost_lines(made_plan()))
    assert "uniform   1,234       1,230      56            7,000          21,000          89" in found
    assert "8 + 16 + 32" in found


def test_the_time_is_the_sum_of_what_is_left() -> None:
    assert "not known until the first run of uniform, additive, none is done (or add --probe)" in _time()
    assert "expected time: 25 min 0 s one after another on this machine\n" in _time(100.0)
    assert "validation and test come on top" in _time(100.0, probed=True)
