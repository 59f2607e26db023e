"""A difference that hangs on one example is told with what it is without it; one that many have isn't."""

from pathlib import Path

import pytest
from tiny_runs import finished_run

from attnlab.study.judging import Judgement, judged_groups
from attnlab.study.one_example import one_example
from attnlab.study.verdict_table import caveats

EXAMPLES = 23


def judgement(folder: Path, uniform: list[int], dot: list[int]) -> Judgement:
    groups = {
        name: [finished_run(folder / name / str(seed), hits, seed=seed) for seed in range(2)]
        for name, hits in (("uniform", uniform), ("dot", dot))
    }
    return judged_groups(groups, control="uniform", metric="accuracy", higher_is_better=True)


def test_the_example_that_alone_differs_is_named_with_the_difference_without_it(tmp_path: Path) -> None:
    right = [1] * EXAMPLES
    found = judgement(tmp_path, right, [*right[:17], 0, *right[18:]])
    [one] = one_example(found)
    assert (one.name, one.unit, one.of) == ("17", None, EXAMPLES)
    [(arm, without, difference)] = one.arms
    assert (arm, without) == ("dot", pytest.approx(0))
    assert difference == pytest.approx(-1 / EXAMPLES)
    assert any(each.startswith("Of 23 examples of test one, 17, has most of ") for each in caveats(found))


def test_what_several_examples_have_hangs_on_none_nor_does_what_all_have(tmp_path: Path) -> None:
    right, wrong = [1] * EXAMPLES, [0] * EXAMPLES
    assert list(one_example(judgement(tmp_path / "some", right, [0, 0, 0, *right[3:]]))) == []
    assert list(one_example(judgement(tmp_path / "all", right, wrong))) == []
    assert list(one_example(judgement(tmp_path / "few", right[:7], [0, *right[:6]]))) == []
