"""Axes, scales and legends of charts."""

from attnlab.reporting.charts import axes
from attnlab.reporting.charts.marks import Cost


def test_amounts_have_no_letters_that_stand_for_thousandths_and_counts_no_parts() -> None:
    def axis(*costs: float) -> dict[str, object]:
        found: dict[str, object] = axes.amounts([Cost(str(cost), cost, 0.5) for cost in costs]).to_dict()
        return found

    assert "format" not in axis(0.05, 0.2)
    assert axis(1000, 2_000_000)["format"] == "~s"
    assert axis(1, 2)["tickMinStep"] == 1


def test_few_steps_are_whole_on_their_axis() -> None:
    assert axes.steps([3, 1, 2]).to_dict()["values"] == [1, 2, 3]
    assert "values" not in axes.steps([50, 400]).to_dict()


def test_what_stands_in_brackets_behind_a_long_title_has_a_line_of_its_own() -> None:
    assert axes.titled("FLOPs of a forward pass (k thousands, M millions)") == [
        "FLOPs of a forward pass",
        "(k thousands, M millions)",
    ]
    assert axes.titled("前向 FLOPs 与每个样本的训练用时（毫秒）") == ["前向 FLOPs 与每个样本的训练用时", "（毫秒）"]
    assert axes.titled("chrf (greater is better)") == "chrf (greater is better)"
