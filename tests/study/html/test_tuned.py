"""Tuning on a page."""

from dataclasses import replace
from pathlib import Path

import pytest
from tiny_tuning import finish, made_tuned_plan, trial_of

from attnlab.study.html.tuned import tuned
from attnlab.study.tuning.outcomes import best_trials


def test_the_chart_and_its_numbers_are_those_of_the_files_and_the_table_says_what_was_chosen(tmp_path: Path) -> None:
    plan = made_tuned_plan(tmp_path)
    for arm in ("uniform", "additive", "none"):
        finish(trial_of(plan, arm, 1), 0.25)
        finish(trial_of(plan, arm, 2), None if arm == "none" else 0.75)
    assert plan.tuning is not None
    lacking = {"none": ("optimizer.lr",)}
    found = tuned(replace(plan, tuning=replace(plan.tuning, chosen=best_trials(plan), lacking=lacking)))
    assert found is not None
    assert found.chart is not None
    rows = [[cell.english for cell in row] for row in found.chart.table.rows]
    assert [row[0] for row in rows] == ["1", "2", "3"]
    assert [float(row[1]) for row in rows] == pytest.approx([(0.25 + 0.75 + 0.75) / 3, 0.75, 0.75], abs=1e-4)
    assert [row[3] for row in rows] == ["0.2500"] * 3, "a trial that failed has no score"
    chosen = {row[0].english: [cell.english for cell in row[1:6]] for row in found.table.rows}
    assert chosen["uniform"] == ["3", "0", "2", "0.75", "optimizer.lr=0.2"]
    assert chosen["none"][:3] == ["3", "2", "1"]
    assert [each.chinese for each in found.about][1] == "none 没有可调的 optimizer.lr。"


def test_a_study_that_tunes_nothing_has_no_tuning(tmp_path: Path) -> None:
    assert tuned(replace(made_tuned_plan(tmp_path), tuning=None)) is None
