"""How runs ended that didn't finish."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_runs import finished_run
from tiny_study import made_plan

from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.launch.ending import Ended
from attnlab.runs import own_code
from attnlab.study.job_states import JobStates, State, damage
from attnlab.study.plan import Job


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return replace(made_plan().jobs[0], folder=tmp_path / "0123456789")


def test_a_trial_is_taken_at_its_word_without_a_test(job: Job) -> None:
    job = replace(job, config={"seed": job.seed})
    job.folder.mkdir(parents=True, exist_ok=True)
    record = {"results": identity.RESULTS, "seed": job.seed, "best": {"monitor": "val/loss", "score": 0.5}, "test": {}}
    (job.folder / "config.json").write_text(json.dumps(job.config | {"results": identity.RESULTS}))
    (job.folder / "metrics.json").write_text(json.dumps(record))
    assert damage(job, None) is None
    (job.folder / "metrics.json").write_text(json.dumps(record | {"seed": job.seed + 1}))
    assert damage(job, None) == f"metrics.json is of seed {job.seed + 1}"
    (job.folder / "metrics.json").write_text("{")
    assert "damaged" in str(damage(job, None))


def test_a_run_of_other_code_of_ones_own_is_neither_judged_nor_gone_on_with(job: Job, tmp_path: Path) -> None:
    job = replace(job, config={"seed": job.seed})
    job.folder.mkdir(parents=True, exist_ok=True)
    own_code.record(job.folder, {"nowhere_to_be_found.py": "0" * 64})
    assert damage(job, None) is None  # nothing was trained there
    (job.folder / "metrics.csv").touch()
    for finished in (False, True):
        if finished:
            (job.folder / "metrics.json").write_text("{}")
        with pytest.raises(
            UserError, match=r"^nowhere_to_be_found.py, code of your own .*put that folder aside, and the stu"
        ):
            damage(job, None)


def test_a_failure_is_on_record_until_it_is_forgotten(job: Job, tmp_path: Path) -> None:
    states = JobStates(tmp_path)
    assert states.of(job) is None
    states.record(job, Ended("diverged", error="the loss is nan"))
    assert states.failure(job) == State("diverged", "the loss is nan")
    assert json.loads((tmp_path / "jobs" / "0123456789.json").read_text())["arm"] == "uniform"
    states.forget(job)
    assert (states.failure(job), states.tried_again(job)) == (None, None)
    finished_run(job.folder, [1, 0], seed=0)
    assert states.tried_again(job) == "diverged: the loss is nan"
    (tmp_path / "jobs" / "0123456789.json").write_text("{")
    states.forget(job)
    assert states.of(job) is None


def test_what_died_is_no_failure_before_the_third_time(job: Job, tmp_path: Path) -> None:
    states = JobStates(tmp_path)
    for deaths in (1, 2, 3):
        assert states.failure(job) is None
        states.record(job, Ended("died", error="killed by signal 9"))
        assert states.of(job) == State("died", "killed by signal 9", deaths)
    assert states.failure(job) is not None


def test_a_mistake_or_a_stop_is_no_result(job: Job, tmp_path: Path) -> None:
    states = JobStates(tmp_path)
    for status in ("refused", "interrupted", "finished"):
        states.record(job, Ended(status))  # type: ignore[arg-type]
    assert states.of(job) is None


def test_a_damaged_file_is_named(job: Job, tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "0123456789.json").write_text("{")
    with pytest.raises(UserError, match=r"is damaged, got .*0123456789.json \(delete it"):
        JobStates(tmp_path).of(job)


def test_a_finished_run_is_taken_at_its_word_only_with_records_that_give_its_score(job: Job) -> None:
    assert damage(job, "accuracy") is None  # nothing is there yet
    known = {"results": identity.RESULTS, "best": {"score": 1.0}}
    finished_run(job.folder, [1, 0] * 6, seed=0, **known)
    assert damage(job, "accuracy") is None
    finished_run(job.folder, [1, 0] * 6, seed=1, **known)
    assert damage(job, "accuracy") == "metrics.json is of seed 1"
    finished_run(job.folder, [1, 0] * 6, seed=0, **known | {"test": {"accuracy": 0.6}})
    assert "must give its score" in str(damage(job, "accuracy"))
    (job.folder / "metrics.json").write_text("{")
    assert "this file of an earlier run is damaged" in str(damage(job, "accuracy"))
    finished_run(job.folder, [1, 0] * 6, seed=0, **known | {"results": 1})
    assert "it is of results 1" in str(damage(job, "accuracy"))


def test_a_run_of_other_data_than_todays_is_not_taken_for_todays(job: Job) -> None:
    finished_run(job.folder, [1, 0] * 6, seed=0, results=identity.RESULTS, best={"score": 1.0})
    assert damage(job, "accuracy", checksum="abc") is None
    assert damage(job, "accuracy", checksum="abd") == "its data had the checksum abc, and it is abd now"
    finished_run(job.folder, [1, 0] * 6, seed=0, results=identity.RESULTS, best={"score": 1.0}, data={})
    assert damage(job, "accuracy", checksum="abd") is None  # nobody knows
