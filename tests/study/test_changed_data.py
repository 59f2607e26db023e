"""Where the user's own data has changed since, a study says so first, and begins nothing anew unless asked."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tiny_trained import plan_in, trained, trained_names

from attnlab.commands.study.plan_costs import changed_lines
from attnlab.errors import UserError
from attnlab.launch import local_pool
from attnlab.launch.ending import Ended
from attnlab.runs import checkpoint
from attnlab.study import expected_time
from attnlab.study.changed_data import begun_otherwise, changed_data
from attnlab.study.job_states import JobStates
from attnlab.study.plan import Job, Plan
from attnlab.study.running import Runner

AHEAD = 100  # seconds


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """All runs are done, on data of the user's own."""
    monkeypatch.setattr(local_pool, "PAUSE_SECONDS", 0.002)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "test.tsv").write_text("")
    made = plan_in(tmp_path, seeds=3)
    data = {"_target_": "attnlab.data.TranslationDataModule", "root": str(tmp_path / "data"), "test": "test.tsv"}
    jobs = tuple(replace(job, config=job.config | {"data": data}) for job in made.jobs)
    found = replace(made, jobs=jobs, checksum="abc")
    _run(found)
    return found


def _run(plan: Plan, *, fresh: bool = False) -> None:
    Runner(plan, train=lambda overrides: trained(plan, overrides), fresh=fresh).run()


def _changed(plan: Plan) -> Plan:
    file = plan.folder.parent / "data" / "test.tsv"
    later = file.stat().st_mtime + AHEAD
    os.utime(file, (later, later))
    return replace(plan, checksum="abd")


def _begun(job: Job, checksum: str) -> Path:
    (job.folder / "metrics.json").unlink()
    (job.folder / "checkpoints").mkdir()
    path = job.folder / "checkpoints" / "last.ckpt"
    codec = {"class": "attnlab.data.TranslationCodec", "state": {}}
    config = {group: {"_target_": "attnlab.x"} for group in checkpoint.GROUPS}
    torch.save({checkpoint.KEY: checkpoint.contents(config, {}, codec, checksum), "state_dict": {}}, path)
    return path


def test_runs_of_the_users_changed_data_are_kept_unless_they_are_to_be_trained_anew(
    plan: Plan, capsys: pytest.CaptureFixture[str]
) -> None:
    assert changed_data(plan) is None
    before, now = trained_names(plan), _changed(plan)
    file = plan.folder.parent / "data" / "test.tsv"
    with pytest.raises(
        UserError, match=r"^the data has changed since 9 runs of this study: sha256 was abc, now abd"
    ) as (caught):
        _run(now)
    assert f"; newer than their records: {file} (restore it, or add --fresh, which trains anew" in str(caught.value)
    assert trained_names(plan) == before
    assert "trained anew" not in capsys.readouterr().err
    _run(now, fresh=True)
    assert sorted(trained_names(plan)[9:]) == sorted(f"{name} fresh=true" for name in before)
    assert "uniform, seed 0, is trained anew: its data had the checksum abc" in capsys.readouterr().err


def test_one_that_was_begun_on_other_data_is_told_and_begun_anew(plan: Plan) -> None:
    job = plan.jobs[4]
    path = _begun(job, "old")
    assert begun_otherwise(job, "old") is None
    assert begun_otherwise(job, "abc") == "old"
    with pytest.raises(UserError, match=r"^the data has changed since 1 run of this study: sha256 was old, now abc \("):
        _run(plan)
    JobStates(plan.folder).record(job, Ended("diverged", error="the loss is nan"))
    _run(plan)  # that it failed is a result
    JobStates(plan.folder).forget(job)
    _run(plan, fresh=True)
    assert trained_names(plan)[9:] == [f"{' '.join(job.overrides)} fresh=true"]
    (job.folder / "metrics.json").unlink()
    path.write_bytes(b"damaged")
    assert begun_otherwise(job, "abc") is None  # which the run itself says


def test_the_plan_counts_them_as_left_and_says_why(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    for each in plan.jobs:  # what the time is told by
        path = each.folder / "metrics.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"wall_seconds": 2.0}))
    now = _changed(plan)
    arm = plan.arms[0].arm
    configs = {job.seed: job.config | {"output_dir": str(job.folder)} for job in plan.jobs if job.arm == arm.name}
    own = replace(arm, configs=configs)
    monkeypatch.setattr(expected_time, "finished_runs", lambda arm: [])
    assert expected_time._of_left(plan, own).left == 0
    assert expected_time._of_left(now, own).left == 3
    assert list(changed_lines(changed_data(plan), anew=False)) == []
    found = changed_data(now)
    [line] = changed_lines(found, anew=False)
    assert line.startswith("  the data has changed since 9 runs of this study: sha256 was abc, now abd; newer than")
    assert line.endswith("test.tsv (restore it, or add --fresh to train them anew)")
    [line] = changed_lines(found, anew=True)
    assert line.endswith("(they are trained anew)")
