"""What is done, what is skipped, and what becomes of runs that don't finish; nothing is trained here."""

import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_trained import RIGHT, TRAINER, plan_in, trained, trained_names
from tiny_tuning import finish, made_tuned_plan

from attnlab.errors import UserError
from attnlab.launch import local_pool, resources
from attnlab.runs import ablated_test
from attnlab.runs.ablated_test import AblatedTest
from attnlab.study.marks import marks
from attnlab.study.plan import Plan
from attnlab.study.running import Results, Runner, jobs_of_look


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_pool, "PAUSE_SECONDS", 0.002)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return plan_in(tmp_path, seeds=5)


def run(plan: Plan, train: Callable[[Plan, list[str]], float] = trained, **changed: Any) -> Results:
    return Runner(plan, train=lambda overrides: train(plan, overrides), **changed).run()


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


@pytest.mark.parametrize("name", ["metrics.json", "config.json"])
def test_a_run_whose_record_is_torn_is_done_anew_and_the_file_is_named(
    plan: Plan, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(plan)
    path = plan.jobs[1].folder / name
    path.write_bytes(path.read_bytes()[:-9])
    run(plan)
    assert trained_names(plan)[15:] == ["additive seed=0 fresh=true"]
    assert f"is damaged, got {path} (begin the run anew: " in capsys.readouterr().err


def test_records_of_other_scores_than_the_run_reported_are_made_anew(
    plan: Plan, capsys: pytest.CaptureFixture[str]
) -> None:
    run(plan)
    shutil.copy(plan.jobs[0].folder / "examples.jsonl", plan.jobs[1].folder)
    run(plan)
    assert trained_names(plan)[15:] == ["additive seed=0 fresh=true"]
    assert "the records of a run must give its score, got accuracy" in capsys.readouterr().err


def test_an_unfinished_run_that_cannot_be_gone_on_with_is_begun_anew(
    plan: Plan, capsys: pytest.CaptureFixture[str]
) -> None:
    plan.jobs[1].folder.mkdir(parents=True)
    (plan.jobs[1].folder / "config.json").write_text("{")
    run(plan)
    assert "additive seed=0 fresh=true" in trained_names(plan)
    assert f"is damaged, got {plan.jobs[1].folder / 'config.json'}" in capsys.readouterr().err


def test_runs_of_other_data_than_todays_are_done_anew(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    run(plan)
    run(replace(plan, checksum="abc"))
    assert len(trained_names(plan)) == 15
    record = plan.jobs[1].folder / "metrics.json"
    record.write_text(record.read_text().replace('"abc"', '"old"'))
    run(replace(plan, checksum="abc"))
    assert trained_names(plan)[15:] == ["additive seed=0 fresh=true"]
    assert "additive, seed 0, is trained anew: its data had the checksum old" in capsys.readouterr().err


def test_another_study_does_only_the_runs_that_it_has_not_in_common(plan: Plan, tmp_path: Path) -> None:
    run(plan_in(tmp_path, seeds=4))
    found = run(replace(plan, folder=tmp_path / "another"))
    assert len(trained_names(plan)) == len(found.jobs) == 15
    assert {name.split("=")[1] for name in trained_names(plan)[12:]} == {"4"}


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
    again = run(plan, retry=True)
    assert again.failures == {}
    assert "additive with seed 3 was tried again by --retry, which had diverged: the loss is nan." in marks(again)
    assert list(marks(run(plan))) == list(marks(again))


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


def fills_the_disk(plan: Plan, overrides: list[str]) -> float:
    if overrides[:2] == ["none", "seed=1"]:
        Path("/dev/full").write_text("scores")
    return trained(plan, overrides)


def test_a_disk_without_room_is_no_result_and_nothing_is_lost(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "cores_here", lambda: 2)  # on many all would have begun by then
    with pytest.raises(UserError, match=r"got \[Errno 28\] No space left on device in arm none, seed 1 \(make room"):
        run(plan, fills_the_disk)
    assert not (plan.folder / "jobs").exists()
    before = trained_names(plan)
    assert len(before) < 14  # the others would have met with the same
    assert run(plan).failures == {}
    assert len(trained_names(plan)) == 15
    assert len(set(trained_names(plan))) == 15


def takes_much_memory(plan: Plan, overrides: list[str]) -> float:
    mark = plan.folder.parent / "tried"
    if overrides[:2] == ["none", "seed=1"] and not mark.exists():
        mark.touch()
        raise RuntimeError("CUDA out of memory. Tried to allocate 80 GiB")
    return trained(plan, overrides)


def takes_too_much_memory(plan: Plan, overrides: list[str]) -> float:
    if overrides[:2] == ["none", "seed=1"]:
        raise MemoryError
    return trained(plan, overrides)


def test_what_had_too_little_memory_beside_others_is_tried_again_alone(plan: Plan) -> None:
    assert run(plan, takes_much_memory).failures == {}
    assert trained_names(plan)[-1] == "none seed=1"


def test_what_has_too_little_memory_alone_is_no_result_and_the_others_are_done(plan: Plan) -> None:
    with pytest.raises(UserError, match="must fit into this machine's memory, got MemoryError in arm none, seed 1"):
        run(plan, takes_too_much_memory)
    assert len(trained_names(plan)) == 14
    assert run(plan).failures == {}


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


def ablated_again(folder: Path, overrides: list[str], *, trust: tuple[str, ...], checksum: str | None) -> AblatedTest:
    """Not by a run that would have to be trained for it."""
    with (folder.parent / "tested").open("a") as file:
        file.write(f"{folder.name} {trust}\n")
    if folder.name == "none1":
        raise RuntimeError("it broke")
    return AblatedTest({"accuracy": 0.9}, {"accuracy": 0.3 + 0.01 * int(folder.name[-1])}, None)


@pytest.mark.parametrize("which, number", [("all", 5), ("first", 1), ("none", 0)])
def test_every_finished_run_is_tested_once_without_its_attention_or_as_few_as_the_study_says(
    which: str, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ablated_test, "ablated_test", ablated_again)
    plan = plan_in(tmp_path, seeds=5, ablations=which)
    found = run(plan, diverges, trust=["mine"]).ablations
    assert {name: len(each.runs) for name, each in found.items()} == (
        {} if number == 0 else {"uniform": number, "additive": number - (number == 5), "none": number}
    )
    lines = [line for line in capsys.readouterr().err.splitlines() if " without its attention finished" in line]
    assert len(lines) == max(0, 3 * number - 2 * (number == 5))
    assert all(", test/accuracy 0.3" in line for line in lines)
    if number == 5:
        assert [each.seed for each in found["additive"].runs] == [0, 1, 2, 4]  # seed 3 diverged
        assert found["uniform"].difference == pytest.approx(-0.58)
        assert (len(found["none"].tested), found["none"].why) == (4, "it broke")
        run(plan, diverges, trust=["mine"])
        tests = (tmp_path / "tested").read_text().splitlines()
        assert (len(tests), tests.count("none1 ('mine',)")) == (15, 2)  # what broke is tried again
        record = plan.jobs[0].folder / "metrics.json"
        record.write_text(record.read_text() + " ")
        run(plan, diverges, trust=["mine"])
        assert (tmp_path / "tested").read_text().splitlines().count("uniform0 ('mine',)") == 2  # it was done anew


def test_arms_that_learn_nothing_are_not_tested_again_and_what_is_on_record_of_further_seeds_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ablated_test, "ablated_test", ablated_again)
    plan = plan_in(tmp_path, seeds=5, ablations="all")
    [uniform, *others] = plan.arms
    plan = replace(plan, arms=(replace(uniform, costs=replace(uniform.costs, fixed=1)), *others))
    found = run(plan)
    assert found.learning_nothing == ["uniform"]
    assert set(found.ablations) == {"additive", "none"}
    first = replace(plan, study=replace(plan.study, ablations="first"))
    assert {name: len(each.runs) for name, each in run(first).ablations.items()} == {"additive": 5, "none": 4}


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
