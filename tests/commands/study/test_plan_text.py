from pathlib import Path
from typing import Any

import pytest
from in_english import in_english
from tiny_study import made_plan
from tiny_tuning import made_tuned_plan

from attnlab.commands.study.plan_text import plan_lines
from attnlab.study.expected_time import ExpectedTime
from attnlab.study.prospects import Prospect


def text(
    seconds: float | None = None, *, probed: bool = False, expected: dict[str, Prospect] | None = None, **values: Any
) -> str:
    plan = made_plan(**values)
    times = {each.name: ExpectedTime(left=5, seconds_a_run=seconds, probed=probed) for each in plan.arms}
    return "\n".join(plan_lines(plan, times, expected or {}))


def test_what_may_mislead_is_said() -> None:
    found = text()
    assert "none, CONFOUNDED: it may score otherwise for what isn't attention" in found
    assert "model.dim=9: 103 for 100, +3.00%, MORE THAN 2 %" in found
    assert "identity  this model has no slot for it" in found
    assert "none  it has no such key" in found
    assert "without a margin nothing is judged the same" in found


@pytest.mark.parametrize(
    "values, said",
    [
        ({"seeds": 5}, "judged with 5 at alpha 0.05"),
        ({"seeds": 10, "looks": [5, 10]}, "judged with 5 at alpha 0.01, 10 at alpha 0.04"),
        ({"seeds": 3}, "3 runs of an arm: a smoke test without a verdict on it"),
        ({"seeds": 4}, "4 runs of an arm: enough for a verdict, but fewer than the usual 5"),
        ({"seeds": 10}, "10 runs of an arm: enough for a verdict to be published"),
        ({"budget": {"seconds": 90}}, "90 seconds a run, or trainer.max_steps updates"),
        ({"margin": 0.5}, "a difference below 0.5 doesn't matter"),
        ({"ablations": "all"}, "every run is tested again with even attention"),
        ({"ablations": "first"}, "each arm's run of seed 0 is tested again with even attention"),
        ({"ablations": "none"}, "ablations  none"),
    ],
)
def test_how_it_will_be_judged_is_said(values: dict[str, Any], said: str) -> None:
    assert said in text(**values)


def test_what_is_tuned_is_said_or_that_nothing_is(tmp_path: Path) -> None:
    assert "tuning     none: every arm has the values that its file gives it" in text()
    plan = made_tuned_plan(tmp_path)
    times = {each.name: ExpectedTime(left=7, seconds_a_run=None) for each in plan.arms}
    found = "\n".join(plan_lines(plan, times, {}))
    assert "3 trials of every arm, with seed 1000, by val/accuracy (greater is better): optimizer.lr=interval(" in found
    assert "trials of tuning, the same of every arm\n  1: optimizer.lr=0.1" in found
    assert "runs: 21, 6 of them trials, 0 done" in found


def test_a_margin_that_cannot_be_met_is_said_before_anything_runs() -> None:
    found = {
        "additive": Prospect(runs=(5, 4), standard_error=0.1),
        "none": Prospect(runs=(1, 4), standard_error=None, why="too few"),
    }
    said = text(margin=0.5, expected=found)
    assert "can the margin of 0.5 be met with 5 seeds?" in said
    assert "yes: a margin below 0.31 can't be met, by 5 finished runs of it and 4 of the control" in said
    assert "none      not known: too few" in said
    assert "NO: a margin below 0.31 can't be met" in text(margin=0.3, expected=found)
    assert "can't be met" not in text(expected=found)  # without a margin there is nothing to meet


@pytest.mark.usefixtures("in_chinese")
def test_all_of_it_is_said_in_chinese_where_that_is_wanted(tmp_path: Path) -> None:
    why = "that takes 3 finished runs of it and of uniform, and there are 1 and 4"
    expected = {
        "additive": Prospect(runs=(5, 4), standard_error=0.1),
        "none": Prospect(runs=(1, 4), standard_error=None, why=why),
    }
    found = text(100.0, probed=True, expected=expected, margin=0.5, budget={"seconds": 90}, pairing="seeds", seeds=8)
    assert "测试集上的 chrF，越大越好；小于 0.5 的差别无关紧要" in found
    assert "每次运行 90 秒，或 trainer.max_steps 次更新" in found
    assert "8 个种子够不够满足界限 0.5？" in found
    assert "未知：需要它和 uniform 各有 3 次已完成的运行，现有 1 次和 4 次" in found
    assert "none，混杂：分数不同可能另有原因" in found
    assert "预计用时：在这台机器上逐次运行需 25 分 0 秒" in found
    plan = made_tuned_plan(tmp_path)
    times = {each.name: ExpectedTime(left=7, seconds_a_run=None) for each in plan.arms}
    tuned = "\n".join(plan_lines(plan, times, {}))
    assert "每组 3 次试验，种子 1000，按验证集准确率（越大越好）选取" in tuned
    everything = [*found.split("\n"), *tuned.split("\n"), *text(ablations="first", looks=[5, 10], seeds=10).split("\n")]
    assert in_english(line for line in everything if "程序报告" not in line) == []  # made up there
