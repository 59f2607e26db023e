"""Runs tested again without what their attention has learned."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_study import made_plan

from attnlab.errors import UserError
from attnlab.launch.resources import Needs
from attnlab.runs import evaluate
from attnlab.study.ablations import Ablation, Ablations
from attnlab.study.plan import Job

TRAINER = {"num_nodes": 1, "devices": 1, "accelerator": "cpu", "threads": 1}


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return replace(made_plan().jobs[0], folder=tmp_path / "0123456789", config={"trainer": TRAINER})


def test_both_scores_are_kept_and_computed_in_as_many_threads_as_the_run(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scored(path: str, overrides: list[str], *, ablate: bool) -> Any:
        assert (path, overrides, ablate) == (str(job.folder), ["trainer.threads=1"], True)
        return evaluate.Evaluation({"chrf": 23.0}, 7, [], {}, "chrf", {"chrf": 15.0})

    monkeypatch.setattr(evaluate, "evaluate", scored)
    ablations = Ablations(tmp_path, "chrf")
    assert ablations.of(job) is None
    [pooled] = ablations.pool_jobs([job], needs=lambda trainer: Needs())
    assert pooled.train().status == "finished"
    assert ablations.of(job) == Ablation(0, 23.0, 15.0)


def test_a_model_without_attention_says_why(job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> Any:
        raise UserError("only attention that has weights can be made even")

    monkeypatch.setattr(evaluate, "evaluate", refused)
    ablations = Ablations(tmp_path, "chrf")
    [pooled] = ablations.pool_jobs([job], needs=lambda trainer: Needs())
    pooled.train()
    assert ablations.of(job) == Ablation(0, None, None, "only attention that has weights can be made even")
