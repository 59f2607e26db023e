"""Trials and what they are worth, as files."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_tuning import finish, made_tuned_plan, trial_of

from attnlab.study.tuning.outcomes import best_trials
from attnlab.study.tuning.tuning_files import write_tuning


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


def test_files_written_again_are_the_same_to_the_byte(tmp_path: Path) -> None:
    plan = made_tuned_plan(tmp_path)
    for arm in ("uniform", "additive", "none"):
        finish(trial_of(plan, arm, 1), 0.25)
        finish(trial_of(plan, arm, 2), None if arm == "none" else 0.75)
    assert plan.tuning is not None
    plan = replace(plan, tuning=replace(plan.tuning, chosen=best_trials(plan)))
    plan.folder.mkdir()
    write_tuning(plan)
    before = {path.name: path.read_bytes() for path in plan.folder.iterdir()}
    write_tuning(plan)
    assert {path.name: path.read_bytes() for path in plan.folder.iterdir()} == before
    assert set(before) == {"trials.csv", "tuning.csv", "tuning.png", "tuning.pdf", "tuning.svg"}
    trials = rows(plan.folder / "trials.csv")
    assert [(row["arm"], row["trial"], row["score"], row["chosen"], row["optimizer.lr"]) for row in trials[:2]] == [
        ("uniform", "1", "0.25", "", "0.1"),
        ("uniform", "2", "0.75", "yes", "0.2"),
    ]
    expected = rows(plan.folder / "tuning.csv")
    of_uniform = [float(row["expected_best"]) for row in expected if row["arm"] == "uniform"]
    assert len(expected) == 9
    assert of_uniform == pytest.approx([(0.25 + 0.75 + 0.75) / 3, 0.75, 0.75])
