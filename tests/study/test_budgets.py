import json
from pathlib import Path
from typing import Any

import pytest
from tiny_study import ARMS, tiny_base, tiny_study

from attnlab.commands import cli
from attnlab.errors import UserError
from attnlab.models.special_tokens import PAD
from attnlab.study import budgets
from attnlab.study.budgets import check_free, spending
from attnlab.study.data import StudyData
from attnlab.study.design import Budget, of_values
from attnlab.study.job_states import JobStates
from attnlab.study.plan import Job, Plan, planned
from attnlab.study.running import judged_at


def not_composed() -> dict[str, Any]:
    raise AssertionError("composed")


@pytest.mark.parametrize(
    "budget, overrides",
    [
        (None, []),
        (Budget(unit="updates", amount=800), ["trainer.max_steps=800", "trainer.max_epochs=null"]),
        (Budget(unit="seconds", amount=93_784), ["trainer.max_time='01:02:03:04'"]),
    ],
)
def test_a_budget_is_overrides(budget: Budget | None, overrides: list[str]) -> None:
    assert spending(budget, not_composed, StudyData()) == overrides


def test_tokens_are_updates_of_the_arms_own_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "updates_of_tokens", lambda config, data, tokens: tokens // config["size"])
    monkeypatch.setattr(StudyData, "of", lambda self, config: None)
    found = spending(Budget(unit="tokens", amount=700), lambda: {"size": 7}, StudyData())
    assert found == ["trainer.max_steps=100", "trainer.max_epochs=null"]


BASE = ["trainer.max_steps=9"]


def test_what_a_budget_sets_isnt_set_by_hand() -> None:
    path = Path("small.yaml")
    study = of_values("small", path, {"control": "uniform", "arms": ARMS, "budget": {"updates": 8}})
    with pytest.raises(UserError, match=r"got trainer\.max_steps=9 in arm additive \(drop it, or budget from small"):
        check_free(study, "additive", ["trainer.max_steps=9"])
    of_all = of_values("small", path, {"control": "uniform", "arms": ARMS, "base": BASE, "budget": {"updates": 8}})
    with pytest.raises(UserError, match=r"got trainer\.max_steps=9 in base \(drop it, or budget from small"):
        check_free(of_all, "additive", BASE)
    check_free(study, "additive", ["trainer.max_time='00:00:01:00'"])
    check_free(of_values("small", path, {"control": "uniform", "arms": ARMS}), "additive", ["trainer.max_steps=9"])


def _plan(folder: Path, *base: str, **budget: int) -> Plan:
    left_out = ("trainer.max_steps=", "callbacks.")
    own = [each for each in tiny_base(folder) if not each.startswith(left_out)]
    base = (*own, "trainer.accelerator=cpu", "callbacks=none", "task.beam_size=1", *base)
    return planned(tiny_study(folder, base=list(base), seeds=1, budget=budget))


def _steps(job: Job) -> int:
    """Of the run, which is trained."""
    assert cli.main(["train", *job.overrides]) == 0
    steps: int = json.loads((job.folder / "metrics.json").read_text())["steps"]
    return steps


def test_a_run_of_a_budget_of_tokens_reads_as_many(tmp_path: Path) -> None:
    job = _plan(tmp_path, tokens=3000).jobs[0]
    steps = _steps(job)
    assert steps == job.config["trainer"]["max_steps"]
    data, read = StudyData().of(job.config), 0
    for number, batch in enumerate(data.train_dataloader()):
        if number == steps:
            break
        read += int((batch.source != PAD).sum() + (batch.target != PAD).sum())
    assert number == steps
    assert read == pytest.approx(3000, rel=0.1)


def test_runs_of_a_budget_of_seconds_end_by_then_and_are_judged_however_many_updates_they_made(tmp_path: Path) -> None:
    plan = _plan(tmp_path, "trainer.max_steps=1000000", "trainer.val_check_interval=1000000", seconds=1)
    assert all(0 < _steps(job) < 1_000_000 for job in plan.jobs)
    judgement = judged_at(plan, 1, JobStates(plan.folder))
    assert {name: len(group.runs) for name, group in judgement.groups.items()} == {"uniform": 1, "additive": 1}
