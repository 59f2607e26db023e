"""Verdicts in Chinese say what those in English say."""

import re
from dataclasses import replace

import numpy as np
import pytest
from made_runs import distances, runs

from attnlab.study.statistics.judge import judge
from attnlab.study.statistics.sentences import (
    chinese,
    chinese_in_brief,
    chinese_of_components,
    chinese_of_power,
    chinese_of_runs,
    chinese_of_this_test_set,
    english,
    english_in_brief,
    english_of_components,
    english_of_power,
    english_of_runs,
    english_of_this_test_set,
)
from attnlab.study.statistics.too_few import TooFew
from attnlab.study.statistics.verdict import Comparison, Verdict

CONTROL = runs("uniform", 1.0)
ARMS = [
    runs("additive", 1.3),
    runs("additive", -0.7, seeds=3, deviation=0.05, failed=2),
    runs("additive", 1.05),
    runs("additive", 1.001),
    runs("additive", 1.3, failed=1),
    runs("additive", 1.001, failed=1),
    runs("additive", 1.0, deviation=0.08),
    runs("additive", 1.3, seeds=3),
    runs("additive", 1.3, seeds=2),
    runs("additive", 1.3, seeds=2, failed=3),
]


def verdicts() -> list[Verdict]:
    comparisons = [Comparison("t", "chrf", arm, CONTROL, higher_is_better=True, margin=0.1) for arm in ARMS]
    apart = replace(ARMS[0], scores=ARMS[0].scores - 0.3 + (-1.0) ** np.arange(60))
    comparisons += [
        replace(comparisons[0], arm=apart),
        replace(comparisons[0], too_few=TooFew("gold", 9, 10)),
        replace(comparisons[0], paired=True, exploratory=True),
        replace(comparisons[0], arm=runs("a", 1.3, seeds=1), control=runs("b", 1.0, seeds=1)),
        replace(comparisons[0], arm=runs("a", 1.3, seeds=10, failed=5), control=runs("b", 1.0, seeds=10)),
        Comparison("g", "fid", distances("gan", 3.0, 3.1, 3.2, 3.05), distances("wgan", 2.0, 2.1, 2.2, 2.05), False),
    ]
    return judge(comparisons)


@pytest.mark.parametrize("number", range(len(ARMS) + 6))
def test_with_the_same_numbers_and_as_many_sentences(number: int) -> None:
    verdict = verdicts()[number]
    texts = english(verdict), chinese(verdict)
    numbers = [sorted(re.findall(r"[+-]?\.?\d[\d,.]*\d|\d", text)) for text in texts]
    # "one run each", "better", have no digits in either.
    assert numbers[0] == numbers[1]
    assert re.search(r"[(),:;]", texts[1]) is None or "," in "".join(numbers[1])
    assert texts[1].count("。") == len(re.findall(r"\.(?: |$)", texts[0]))
    assert texts[1].endswith("。")


def test_findings() -> None:
    found = [chinese(each) for each in verdicts()[:4]]
    better = "additive 在 chrF 上优于 uniform：+0.300（95 % 区间 +0.285 至 +0.315，未校正；假设毫无差别，"
    assert found[0].startswith(better)
    assert found[1].startswith("不稳定、波动不均：additive 的 5 次运行中有 2 次失败（95 %：5-85 %）。")
    assert "additive 在 chrF 上劣于 uniform" in found[1]
    assert "差别小到无关紧要" in found[2]
    assert "additive 与 uniform 在 chrF 上相同，相差不到 0.1" in found[3]


def test_the_second_line_has_the_same_numbers() -> None:
    lines = [(english_of_this_test_set(each), chinese_of_this_test_set(each)) for each in verdicts()]
    for one, other in lines:
        assert (one is None) == (other is None)
        assert re.findall(r"[+-][\d.]+", one or "") == re.findall(r"[+-][\d.]+", other or "")


def test_so_have_power_components_and_what_runs_are_good_for() -> None:
    found = [(english_of_power(each), chinese_of_power(each)) for each in verdicts()]
    found += [(english_of_components(each), chinese_of_components(each)) for each in verdicts()]
    assert any(one is not None for one, _ in found)
    for one, other in [*found, *((english_of_runs(num), chinese_of_runs(num)) for num in range(1, 12))]:
        assert (one is None) == (other is None)
        assert re.findall(r"[\d.]*\d", one or "") == re.findall(r"[\d.]*\d", other or "")


def test_every_lack_is_said() -> None:
    for lack in ("gold", "examples", "undefined", "seeds", "variation", "images", "features"):
        few = TooFew(lack, 9999, 10_000)  # type: ignore[arg-type]
        comparison = Comparison("t", "chrf", ARMS[0], CONTROL, higher_is_better=True, too_few=few)
        words = "无法判断" if lack == "variation" else "数据太少，无法判断："
        assert words in chinese(judge([comparison])[0])


def test_what_counts_as_one_is_named() -> None:
    few = TooFew("examples", 9, 10)
    comparison = Comparison("t", "chrf", ARMS[0], CONTROL, higher_is_better=True, too_few=few, unit="chapter")
    assert "测试集只有 9 个章节，需要 10 个" in chinese(judge([comparison])[0])


@pytest.mark.parametrize("trials, said", [(None, "优于 uniform："), (0, "（均未调参）："), (12, "（各调参 12 次）：")])
def test_whether_arms_were_tuned_is_said(trials: int | None, said: str) -> None:
    comparison = Comparison("t", "chrf", runs("additive", 1.3), runs("uniform", 1.0), True, margin=0.1, trials=trials)
    assert said in chinese(judge([comparison])[0])


@pytest.mark.parametrize("number", range(len(ARMS) + 6))
def test_in_brief_with_the_same_numbers_and_as_many_sentences(number: int) -> None:
    verdict = verdicts()[number]
    one, other = english_in_brief(verdict), chinese_in_brief(verdict)
    assert sorted(re.findall(r"\d[\d,.]*", one)) == sorted(re.findall(r"\d[\d,.]*", other))
    assert other.count("。") == len(re.findall(r"\.(?: |$)", one))
    assert verdict.comparison.arm.name in other
