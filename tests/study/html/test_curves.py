"""Learning curves on a page."""

from pathlib import Path

import pytest
from tiny_pages import write_log
from tiny_results import made_results

from attnlab.study.html import curves
from attnlab.study.html.of_study import subject_of
from attnlab.study.html.subject import Subject


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    return subject_of(made_results(tmp_path))


def test_a_curve_is_the_mean_of_all_seeds_and_reaches_from_the_least_to_the_greatest(subject: Subject) -> None:
    for run in subject.of["additive"].runs:
        write_log(run.folder, steps=[50, 100], score=0.25 * run.seed)
    found = {each.name: each.table for each in curves.curves(subject)}
    assert list(found) == ["val-accuracy", "train-loss"]
    assert [head.english for head in found["val-accuracy"].heads] == ["updates", "uniform", "additive", "none"]
    assert [cell.english for cell in found["val-accuracy"].rows[1]] == ["100", "-", "0.500 (0.000 - 1.000)", "-"]


def test_an_update_that_a_seed_lacks_or_has_no_number_at_is_left_out(subject: Subject) -> None:
    first, *others = subject.of["additive"].runs
    for run in others:
        write_log(run.folder, steps=[50, 100, 150], score=1.0)
    write_log(first.folder, steps=[50, 100], score=1.0)
    log = first.folder / "metrics.csv"
    log.write_text(log.read_text().replace("50,val/accuracy,0.5", "50,val/accuracy,nan"))
    [chart, _] = curves.curves(subject)
    assert [row[0].english for row in chart.table.rows] == ["100"]


def test_a_long_curve_is_thinned_and_keeps_its_ends(subject: Subject) -> None:
    for run in subject.of["additive"].runs:
        write_log(run.folder, steps=range(1, 1001), score=1.0)
    [chart, _] = curves.curves(subject)
    steps = [row[0].english for row in chart.table.rows]
    assert (len(steps), steps[0], steps[-1]) == (curves.MOST_POINTS, "1", "1,000")


def test_runs_without_a_log_have_no_curves(subject: Subject) -> None:
    assert list(curves.curves(subject)) == []
