"""Arms against each other."""

from pathlib import Path

import pytest
from tiny_results import made_results
from tiny_runs import arm_folders

from attnlab.study.judging import judged_groups
from attnlab.study.other_pairs import notes, other_pairs, table
from attnlab.study.running import Results
from attnlab.study.wording import chinese, english
from attnlab.study.wording.contract import Wording


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return made_results(tmp_path_factory.mktemp("study"))


def test_the_better_mean_stands_first_and_the_control_nowhere(results: Results) -> None:
    [pair] = other_pairs(results.judgement)
    assert (pair.comparison.arm.name, pair.comparison.control.name) == ("additive", "none")
    assert pair.comparison.exploratory
    assert "exploratory" not in pair.marks, "it is said once of all"


def test_a_pairs_difference_is_that_of_its_arms_means(results: Results) -> None:
    [pair] = other_pairs(results.judgement)
    scores = results.judgement.scores
    means = [sum(scores[name]) / len(scores[name]) for name in ("additive", "none")]
    assert pair.measured.effect is not None
    assert pair.measured.effect.difference == pytest.approx(means[0] - means[1])


def test_cells_are_as_many_as_heads_in_both_languages(results: Results) -> None:
    for words in (english, chinese):
        heads, *rows = table(other_pairs(results.judgement), words)
        assert [len(row) for row in rows] == [len(heads)]
        assert rows[0][:2] == ["additive", "none"]


def test_one_arm_beside_the_control_makes_no_pair(tmp_path: Path) -> None:
    folders = {name: arm_folders(tmp_path / name, right=right) for name, right in (("a", 0.9), ("b", 0.3))}
    assert other_pairs(judged_groups(folders, control="b", metric="accuracy", higher_is_better=True)) == []


@pytest.mark.parametrize(("words", "cell"), [(english, "no run differs"), (chinese, "运行毫无差别")])
def test_two_arms_that_are_always_right_are_said_not_to_differ(tmp_path: Path, words: Wording, cell: str) -> None:
    rights = {"a": 1.0, "b": 1.0, "c": 0.3}
    folders = {name: arm_folders(tmp_path / name, right=right, seeds=4) for name, right in rights.items()}
    found = other_pairs(judged_groups(folders, control="c", metric="accuracy", higher_is_better=True))
    _, row = table(found, words)
    assert row[2] == cell
    [note] = notes(found, words)
    assert ("1 in all" in note and "more seeds won't" in note) or ("均为 1" in note and "再加种子也不会" in note)
