"""Scores on a page."""

from pathlib import Path

import pytest
from scipy import stats
from tiny_compared import write_run, write_runs
from tiny_results import made_results

from attnlab.study.comparing.comparison import compared
from attnlab.study.html import scores
from attnlab.study.html.of_comparison import subject_of as compared_subject
from attnlab.study.html.of_study import subject_of


def test_an_arms_interval_is_students_over_its_seeds(tmp_path: Path) -> None:
    subject = subject_of(made_results(tmp_path))
    mean = scores.mean_of(subject, subject.of["additive"])
    assert mean is not None
    runs = [run.scores["accuracy"] for run in subject.of["additive"].runs]
    assert list(mean.runs) == pytest.approx(runs)
    expected = stats.ttest_1samp(runs, 0.0).confidence_interval(0.95)
    assert (mean.low, mean.high) == pytest.approx((expected.low, expected.high))


def test_the_best_mean_stands_first_whichever_is_better(tmp_path: Path) -> None:
    write_runs(tmp_path / "a", "uniform", seeds=range(2), right=0.1)
    write_runs(tmp_path / "b", "dot", seeds=range(2), right=0.9)
    found = compared_subject(compared([[tmp_path]]))
    assert [row[0].english for row in scores.leaderboard(found).table.rows] == ["dot", "uniform"]
    assert [cell.english for cell in scores.leaderboard(found).table.rows[0]][3:5] == ["-", "-"], "of 2 runs none"


def test_an_arm_alone_has_a_mean_and_no_differences(tmp_path: Path) -> None:
    write_run(tmp_path / "0", "dot", seed=0)
    subject = compared_subject(compared([[tmp_path]]))
    assert scores.forest(subject) is None
    assert len(scores.leaderboard(subject).table.rows) == 1


def test_all_scores_have_the_number_of_their_runs_and_the_judged_stands_first(tmp_path: Path) -> None:
    more = {"test": {"accuracy": 0.5, "a_loss": 0.25}}
    for seed in range(2):
        write_run(tmp_path / str(seed), "dot", seed=seed, right=0.5, record={"signatures": {}})
    subject = compared_subject(compared([[tmp_path]]))
    for run in subject.arms[0].runs:
        run.record["test"].update(more["test"])  # type: ignore[attr-defined]
    table = scores.all_scores(subject)
    assert table is not None
    assert [[cell.english for cell in row] for row in table.rows] == [
        ["accuracy", "0.5000 (2)"],
        ["a_loss", "0.2500 (2)"],
    ]
