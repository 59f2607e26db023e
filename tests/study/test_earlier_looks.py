"""Seeds that were added after a look make a study exploratory; a plan that came first doesn't."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_trained import plan_in, trained

from attnlab.launch import local_pool
from attnlab.study.earlier_looks import asked_before, judged_before
from attnlab.study.expected_time import ExpectedTime
from attnlab.study.job_states import JobStates
from attnlab.study.marks import marks
from attnlab.study.plan import Plan
from attnlab.study.plan_record import plan_record
from attnlab.study.running import Results, judged_at
from attnlab.study.wording import chinese


def plan_of(folder: Path, seeds: int, **values: Any) -> Plan:
    return replace(plan_in(folder, seeds=seeds, **values), folder=folder / "studies" / f"of{seeds}")


def recorded(plan: Plan, *, judged: bool = True) -> Plan:
    """The plan, once its folder has it on record."""
    times = {each.name: ExpectedTime(left=0, seconds_a_run=None) for each in plan.arms}
    plan.folder.mkdir(parents=True, exist_ok=True)
    (plan.folder / "plan.json").write_text(json.dumps(plan_record(plan, times)))
    if judged:
        (plan.folder / "results.csv").touch()
    return plan


def test_seeds_that_were_added_after_verdicts_make_a_study_exploratory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_pool, "PAUSE_SECONDS", 0.002)
    recorded(plan_of(tmp_path, 5))
    more = recorded(plan_of(tmp_path, 6), judged=False)
    assert judged_before(more) == (5,)
    for job in more.jobs:
        trained(more, list(job.overrides))
    judgement = judged_at(more, 6, JobStates(more.folder))
    assert [verdict.marks for verdict in judgement.verdicts] == [("exploratory",)] * 2
    results = Results(more, {6: judgement}, more.jobs, {}, {})
    assert "Seeds were added after a look at 5, which wasn't planned: what is found is exploratory." in marks(results)
    assert any("探索性" in each for each in marks(results, chinese))


def test_pairing_or_a_margin_that_came_after_verdicts_makes_a_study_exploratory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_pool, "PAUSE_SECONDS", 0.002)
    first = recorded(plan_of(tmp_path, 8))
    paired = replace(plan_of(tmp_path, 8, pairing="seeds"), folder=tmp_path / "studies" / "paired")
    wider = replace(first, folder=tmp_path / "studies" / "wider", judged=replace(first.judged, margin=0.5))
    assert asked_before(paired) == {"pairing": "none"}
    assert asked_before(recorded(wider, judged=False)) == {"margin": 0.01}
    assert (asked_before(first), judged_before(paired)) == ({}, ())
    for job in wider.jobs:
        trained(wider, list(job.overrides))
    judgement = judged_at(wider, 8, JobStates(wider.folder))
    assert {verdict.marks[-1] for verdict in judgement.verdicts} == {"exploratory"}
    results = Results(wider, {8: judgement}, wider.jobs, {}, {})
    said = "These runs were judged with margin 0.01 before, and by another value since: what is found is exploratory."
    assert said in marks(results)
    assert any("曾以 margin 0.01 判定过" in each for each in marks(results, chinese))


def test_what_is_no_look_leaves_a_plan_as_it_is(tmp_path: Path) -> None:
    recorded(plan_of(tmp_path, 3))  # a smoke test
    recorded(plan_of(tmp_path, 4), judged=False)
    assert judged_before(plan_of(tmp_path, 5)) == ()
    recorded(plan_of(tmp_path, 5, control="additive"))
    assert judged_before(plan_of(tmp_path, 6)) == ()
    (tmp_path / "studies" / "of5" / "plan.json").write_text("{")
    assert judged_before(plan_of(tmp_path, 6)) == ()


def test_a_plan_that_came_first_stays_what_it_was(tmp_path: Path) -> None:
    plan = recorded(plan_of(tmp_path, 10), judged=False)
    recorded(plan_of(tmp_path, 5))
    assert judged_before(plan) == ()
    assert judged_before(recorded(plan)) == ()
