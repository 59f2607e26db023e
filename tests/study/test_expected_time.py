import json
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_study import made_plan
from tiny_trained import plan_in
from tiny_tuning import finish, made_tuned_plan, trial_of

from attnlab.config import identity
from attnlab.launch.ending import Ended
from attnlab.study import expected_time
from attnlab.study.arms import Arm
from attnlab.study.expected_time import ExpectedTime, expected_times
from attnlab.study.job_states import JobStates


def finished(folder: Path, config: dict[str, object], seconds: float, *, results: int = identity.RESULTS) -> None:
    folder.mkdir(parents=True)
    folder.joinpath("config.json").write_text(json.dumps(config))
    record = {"results": results, "best": {"score": 1.0}, "test": {}, "wall_seconds": seconds}
    folder.joinpath("metrics.json").write_text(json.dumps(record))


@pytest.fixture
def arm(tmp_path: Path) -> Arm:
    runs = {seed: {"seed": seed, "model": {"dim": 8}, "output_dir": str(tmp_path / f"run{seed}")} for seed in (0, 1, 2)}
    return Arm(name="uniform", overrides=(), confounded=False, added=False, configs=runs, seed_keys=("seed",))


def test_it_goes_by_finished_runs_of_whatever_seed(arm: Arm, tmp_path: Path) -> None:
    finished(tmp_path / "run1", arm.configs[1], 10.0)
    finished(tmp_path / "another", {"seed": 77, "model": {"dim": 8}}, 30.0)
    finished(tmp_path / "other", {"seed": 77, "model": {"dim": 9}}, 1000.0)
    finished(tmp_path / "old", {"seed": 78, "model": {"dim": 8}}, 1000.0, results=identity.RESULTS - 1)
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "metrics.json").write_text("{")
    assert expected_time._of_finished(arm) == ExpectedTime(left=2, seconds_a_run=20.0)
    assert ExpectedTime(left=2, seconds_a_run=20.0).seconds == 40.0


def test_a_run_that_failed_is_none_that_is_left(tmp_path: Path) -> None:
    plan = plan_in(tmp_path, seeds=3)
    arms = {each.name: each.arm for each in plan.arms}
    configs = {job.seed: job.config | {"output_dir": str(job.folder)} for job in plan.jobs if job.arm == "uniform"}
    arm = replace(arms["uniform"], configs=configs)
    assert expected_time._of_left(plan, arm).left == 3
    failed = next(job for job in plan.jobs if (job.arm, job.seed) == ("uniform", 1))
    JobStates(plan.folder).record(failed, Ended("diverged", error="the loss is nan"))
    assert expected_time._of_left(plan, arm).left == 2


def test_each_seed_counts_once(arm: Arm, tmp_path: Path) -> None:
    finished(tmp_path / "run1", arm.configs[1], 10.0)
    finished(tmp_path / "run1b", arm.configs[1], 10.0)
    assert expected_time.finished_runs(arm) == [tmp_path / "run1"]


def test_without_one_it_isnt_known(arm: Arm) -> None:
    found = expected_time._of_finished(arm)
    assert found == ExpectedTime(left=3, seconds_a_run=None)
    assert found.seconds is None
    assert ExpectedTime(left=0, seconds_a_run=None).seconds == 0.0


def test_a_probe_is_of_arms_without_a_finished_run(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = made_plan()
    known = {"uniform": 9.0, "additive": None, "none": None}
    monkeypatch.setattr(expected_time, "_of_finished", lambda arm: ExpectedTime(left=5, seconds_a_run=known[arm.name]))
    monkeypatch.setattr(expected_time, "seconds_an_update", lambda config: 0.5)
    probed = ExpectedTime(left=5, seconds_a_run=10.0, probed=True)
    assert expected_times(plan, probe=True) == {
        "uniform": ExpectedTime(left=5, seconds_a_run=9.0),
        "additive": probed,
        "none": probed,
    }
    assert expected_times(plan, probe=False)["none"].seconds_a_run is None


def test_trials_take_as_long_as_runs(tmp_path: Path) -> None:
    plan = made_tuned_plan(tmp_path)
    finish(trial_of(plan, "uniform", 1), 0.5)
    finish(trial_of(plan, "uniform", 2), 0.5, wall_seconds=7.5)
    unknown = ExpectedTime(left=1, seconds_a_run=None)
    assert expected_time._with_trials(plan, "uniform", unknown) == ExpectedTime(left=5, seconds_a_run=5.0)
    assert expected_time._with_trials(plan, "additive", unknown) == ExpectedTime(left=7, seconds_a_run=None)
    known = ExpectedTime(left=1, seconds_a_run=3.0)
    assert expected_time._with_trials(plan, "additive", known) == ExpectedTime(left=7, seconds_a_run=3.0)
