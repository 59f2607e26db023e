"""Runs tested again without what their attention has learned."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_study import made_plan

from attnlab.errors import UserError
from attnlab.launch.resources import Needs
from attnlab.runs import ablated_test
from attnlab.runs.ablated_test import AblatedTest
from attnlab.study.ablations import Ablation, Ablations, ArmAblation, by_arm
from attnlab.study.plan import Job

TRAINER = {"num_nodes": 1, "devices": 1, "accelerator": "cpu", "threads": 1}


@pytest.fixture
def job(tmp_path: Path) -> Job:
    folder = tmp_path / "0123456789"
    folder.mkdir()
    (folder / "metrics.json").write_text("{}")
    return replace(made_plan().jobs[0], folder=folder, config={"trainer": TRAINER})


def test_both_scores_are_kept_and_computed_as_the_runs_own_test(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scored(folder: Path, overrides: list[str], *, trust: tuple[str, ...], checksum: str | None) -> AblatedTest:
        asked = (job.folder, ["trainer.threads=1", "trainer.limit_test_batches=7"], (), "abc")
        assert (folder, overrides, trust, checksum) == asked
        return AblatedTest({"chrf": 23.0}, {"chrf": 15.0}, None)

    monkeypatch.setattr(ablated_test, "ablated_test", scored)
    ablations = Ablations(tmp_path, "chrf", checksum="abc")
    assert ablations.of(job) is None
    job = replace(job, config={"trainer": TRAINER | {"limit_test_batches": 7}})
    [pooled] = ablations.kept.pool_jobs([job], needs=lambda trainer: Needs())
    assert pooled.train().status == "finished"
    assert ablations.of(job) == Ablation(0, 23.0, 15.0)
    (job.folder / "metrics.json").write_text("{ }")
    assert ablations.of(job) is None  # trained anew
    (job.folder / "metrics.json").write_text("{}")
    ablations.kept.path(job).write_text(ablations.kept.path(job).read_text().replace("15.0", '"much"'))
    assert ablations.of(job) is None  # damaged


def test_a_record_is_of_the_same_places_left_as_they_are(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        ablated_test, "ablated_test", lambda *_, **__: AblatedTest({"chrf": 23.0}, {"chrf": 15.0}, None)
    )
    before, now = Ablations(tmp_path, "chrf"), Ablations(tmp_path, "chrf", fixed={job.arm: 2})
    [pooled] = before.kept.pool_jobs([job], needs=lambda trainer: Needs())
    pooled.train()
    assert before.of(job) is not None
    assert now.of(job) is None
    pooled = next(now.kept.pool_jobs([job], needs=lambda trainer: Needs()))
    pooled.train()
    assert now.of(job) == Ablation(0, 23.0, 15.0)


def test_a_model_without_attention_says_why(job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> Any:
        raise UserError("only attention that has weights can be made even")

    monkeypatch.setattr(ablated_test, "ablated_test", refused)
    ablations = Ablations(tmp_path, "chrf")
    [pooled] = ablations.kept.pool_jobs([job], needs=lambda trainer: Needs())
    pooled.train()
    assert ablations.of(job) == Ablation(0, None, None, "only attention that has weights can be made even")


def test_what_lacked_trust_is_tested_again_with_it(job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def scored(folder: Path, overrides: list[str], *, trust: tuple[str, ...], checksum: str | None) -> AblatedTest:
        if trust != ("mine",):
            raise UserError("the checkpoint would run 'mine.Core' (if it is yours: --trust mine)")
        return AblatedTest({"chrf": 23.0}, {"chrf": 15.0}, None)

    monkeypatch.setattr(ablated_test, "ablated_test", scored)
    without, trusting = Ablations(tmp_path, "chrf"), Ablations(tmp_path, "chrf", trust=["mine"])
    [pooled] = without.kept.pool_jobs([job], needs=lambda trainer: Needs())
    pooled.train()
    assert "--trust mine" in str(without.of(job))
    assert trusting.of(job) is None
    [pooled] = trusting.kept.pool_jobs([job], needs=lambda trainer: Needs())
    pooled.train()
    assert trusting.of(job) == without.of(job) == Ablation(0, 23.0, 15.0)
    assert Ablations(tmp_path, "bleu").of(job) == Ablation(0, None, None, "its test has no bleu")


def test_an_arm_is_told_by_the_mean_of_its_runs_own_differences() -> None:
    found = ArmAblation((Ablation(0, 0.9, 0.3), Ablation(1, None, None, "killed by signal 9"), Ablation(2, 0.7, 0.5)))
    assert (found.score, found.ablated) == (pytest.approx(0.8), pytest.approx(0.4))
    assert (found.difference, found.sd) == (pytest.approx(-0.4), pytest.approx(0.4 / 2**0.5))
    assert len(found.tested) == 2
    assert found.why == "killed by signal 9"
    alone = ArmAblation((Ablation(0, 0.9, 0.3),))
    assert (alone.difference, alone.sd, alone.why) == (pytest.approx(-0.6), None, None)
    nothing = ArmAblation((Ablation(0, None, None, "it has none"),))
    assert (nothing.score, nothing.difference, nothing.why) == (None, None, "it has none")
    assert list(by_arm({"eca": [], "se": nothing.runs})) == ["se"]
