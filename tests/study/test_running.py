"""What is done, what is skipped, and what becomes of runs that don't finish; nothing is trained here."""

import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_runs import EXAMPLES, finished_run
from tiny_study import made_plan
from tiny_tuning import finish, made_tuned_plan

from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.launch import local_pool
from attnlab.study.judged import Judged
from attnlab.study.plan import Plan
from attnlab.study.running import Results, Runner, jobs_of_look

TRAINER = {"num_nodes": 1, "devices": 1, "accelerator": "cpu", "threads": 1}
RIGHT = {"uniform": 0.3, "additive": 0.9, "none": 0.35}


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_pool, "PAUSE_SECONDS", 0.002)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return plan_in(tmp_path, seeds=5)


def plan_in(folder: Path, **values: Any) -> Plan:
    """Of three arms, whose overrides say which they are."""
    made = made_plan(**values)
    jobs = tuple(
        replace(
            job,
            overrides=(job.arm, f"seed={job.seed}"),
            config={"seed": job.seed, "model": job.arm, "trainer": TRAINER},
            folder=folder / f"{job.arm}{job.seed}",
        )
        for job in made.jobs
    )
    chosen = Judged(metric="accuracy", better="max", margin=0.01)
    return replace(made, jobs=jobs, folder=folder / "study", judged=chosen)


def trained(plan: Plan, overrides: list[str]) -> float:
    """What training leaves, and a line that it was there."""
    job = next(each for each in plan.jobs if list(each.overrides) == overrides[:2])
    with (job.folder.parent / "trained").open("a") as file:
        file.write(f"{' '.join(overrides)}\n")
    with (job.folder.parent / "labels").open("a") as file:
        file.write(f"{os.environ['WANDB_RUN_GROUP']}/{os.environ['WANDB_JOB_TYPE']}\n")
    if "fresh=true" in overrides:
        (job.folder / "metrics.json").unlink()
    hits = np.random.default_rng(job.seed).random(EXAMPLES) < RIGHT[job.arm]
    made = finished_run(
        job.folder, hits.astype(int).tolist(), seed=job.seed, results=identity.RESULTS, best={"score": 1.0}
    )
    (made / "config.json").write_text(json.dumps(job.config | {"results": identity.RESULTS}))
    return 1.0


def run(plan: Plan, train: Callable[[Plan, list[str]], float] = trained, **changed: Any) -> Results:
    return Runner(plan, train=lambda overrides: train(plan, overrides), **changed).run()


def trained_names(plan: Plan) -> list[str]:
    path = plan.folder.parent / "trained"
    return path.read_text().splitlines() if path.exists() else []


def test_every_run_is_done_once_and_judged(plan: Plan) -> None:
    found = run(plan)
    assert len(trained_names(plan)) == len(plan.jobs) == 15
    assert found.judgement.of["additive"].finding == "better"
    assert found.failures == {}
    said = (plan.folder.parent / "labels").read_text().split()
    assert set(said) == {"small/uniform", "small/additive", "small/none"}
    again = run(plan)
    assert len(trained_names(plan)) == 15
    assert again.judgement.of["additive"].measured == found.judgement.of["additive"].measured


def test_a_finished_run_that_is_damaged_is_done_anew(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    run(plan)
    records = plan.jobs[1].folder / "examples.jsonl"
    records.write_bytes(records.read_bytes()[:-30])
    run(plan)
    assert trained_names(plan)[15:] == ["additive seed=0 fresh=true"]
    assert "additive, seed 0, is trained anew: records must have" in capsys.readouterr().err


def diverges(plan: Plan, overrides: list[str]) -> float:
    if overrides[:2] == ["additive", "seed=3"]:
        trained_names_path = plan.folder.parent / "tried"
        trained_names_path.write_text(trained_names_path.read_text() + "x" if trained_names_path.exists() else "x")
        raise FloatingPointError("the loss is nan")
    return trained(plan, overrides)


def test_a_failed_run_is_a_result_that_is_not_tried_again_unless_asked(plan: Plan) -> None:
    found = run(plan, diverges)
    [(folder, state)] = found.failures.items()
    assert folder.name == "additive3"
    assert (state.status, state.error) == ("diverged", "the loss is nan")
    verdict = found.judgement.of["additive"]
    assert (verdict.comparison.arm.failed, verdict.finding) == (1, "undecided")
    run(plan, diverges)
    assert (plan.folder.parent / "tried").read_text() == "x"
    assert run(plan, retry=True).failures == {}


def dies_once(plan: Plan, overrides: list[str]) -> float:
    mark = plan.folder.parent / "died"
    if overrides[:2] == ["none", "seed=1"] and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return trained(plan, overrides)


def dies(plan: Plan, overrides: list[str]) -> float:
    if overrides[:2] == ["none", "seed=1"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return trained(plan, overrides)


def test_what_is_killed_is_taken_up_again_and_three_times_is_a_failure(plan: Plan, tmp_path: Path) -> None:
    assert run(plan, dies_once).failures == {}
    other = plan_in(tmp_path / "other", seeds=5)
    (tmp_path / "other").mkdir()
    [(folder, state)] = run(other, dies).failures.items()
    assert (folder.name, state.status, state.deaths) == ("none1", "died", 3)


def refused(plan: Plan, overrides: list[str]) -> float:
    if overrides[:2] == ["none", "seed=1"]:
        raise UserError("can't write there (set output_dir)")
    return trained(plan, overrides)


def test_a_mistake_is_no_result_and_the_other_runs_are_done(plan: Plan) -> None:
    with pytest.raises(UserError, match="arm none, seed 1: can't write there"):
        run(plan, refused)
    assert len(trained_names(plan)) == 14
    assert len(run(plan).failures) == 0


def test_a_look_that_decides_every_pair_is_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_in(tmp_path, seeds=10, looks=[5, 10])
    assert len(jobs_of_look(plan, 5)) == 15
    monkeypatch.setitem(RIGHT, "none", 0.95)
    found = run(plan)
    assert list(found.judgements) == [5]
    assert found.judgement.alpha == 0.01
    assert len(trained_names(plan)) == 15


def test_a_look_that_leaves_a_pair_open_is_followed_by_the_next(tmp_path: Path) -> None:
    plan = plan_in(tmp_path, seeds=10, looks=[5, 10])
    found = run(plan)
    assert {number: each.alpha for number, each in found.judgements.items()} == {5: 0.01, 10: 0.04}
    assert len(trained_names(plan)) == len(found.jobs) == 30


def tried(plan: Plan, overrides: list[str]) -> float:
    """A trial, one of which diverges."""
    assert plan.tuning is not None
    trial = next(each for each in plan.tuning.trials if list(each.job.overrides) == overrides[:2])
    with (plan.folder.parent / "tried").open("a") as file:
        file.write(f"{' '.join(overrides)}\n")
    if overrides == ["none", "1"]:
        raise FloatingPointError("the loss is nan")
    finish(trial, 0.5)
    return 0.5


def test_a_trial_is_done_once_and_one_that_fails_is_a_trial(tmp_path: Path) -> None:
    plan = made_tuned_plan(tmp_path)
    assert plan.tuning is not None
    config = {"seed": 1000, "trainer": TRAINER}
    trials = tuple(replace(each, job=replace(each.job, config=config)) for each in plan.tuning.trials)
    plan = replace(plan, tuning=replace(plan.tuning, trials=trials))
    for retry in (False, False, True):
        Runner(plan, train=lambda overrides: tried(plan, overrides), retry=retry).tune()
    done = (tmp_path / "tried").read_text().splitlines()
    assert sorted(done[:6]) == ["additive 1", "additive 3", "none 1", "none 3", "uniform 1", "uniform 3"]
    assert done[6:] == ["none 1"]
