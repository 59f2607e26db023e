"""Where a study's runs are done, and what they ask of a cluster."""

from contextlib import nullcontext
from pathlib import Path

import pytest
from tiny_study import made_plan

from attnlab.errors import UserError
from attnlab.launch import slurm_queue
from attnlab.launch.ending import Ended
from attnlab.launch.local_pool import Job, LocalPool
from attnlab.launch.resources import Needs
from attnlab.launch.sent_runs import Sent, SentRuns
from attnlab.launch.slurm_pool import SlurmPool
from attnlab.launch.slurm_queue import Queued
from attnlab.study.design import of_values
from attnlab.study.launching import OnCluster, SideBySide, launching
from attnlab.study.plan import Plan

STUDY = of_values(
    "small",
    Path("small.yaml"),
    {"control": "a", "arms": {"a": ["attention=uniform"], "b": ["attention=additive"]}, "base": ["trainer.devices=3"]},
)
ON_CLUSTER = ("hydra/launcher=slurm", "hydra.launcher.partition=fast", "hydra.launcher.folder=jobs")


def plan_in(folder: Path) -> Plan:
    plan = made_plan(seeds=1)
    plan.control.arm.config["output_root"] = str(folder)
    return plan


def job(*overrides: str) -> Job:
    return Job(overrides=overrides, output_dir=Path("run"), train=lambda: Ended("finished"), name="a", needs=Needs())


def test_without_a_word_runs_are_done_here(tmp_path: Path) -> None:
    found = launching(STUDY, overrides=[], workers=2)
    assert isinstance(found, SideBySide)
    assert isinstance(found.pool(plan_in(tmp_path), 3), LocalPool)
    assert found.described(made_plan()) == ("this machine, at most 2 runs at a time", "这台机器，最多同时 2 次运行")


def test_the_launcher_of_this_machine_says_how_many() -> None:
    found = launching(STUDY, overrides=["hydra/launcher=local", "hydra.launcher.workers=3"], workers=None)
    assert isinstance(found, SideBySide)
    assert found.workers == 3


def test_a_job_asks_for_what_its_run_needs_whatever_the_seed() -> None:
    found = launching(STUDY, overrides=ON_CLUSTER, workers=None)
    assert isinstance(found, OnCluster)
    asked = found.asked(job("trainer.devices=3", "seed=1"))
    assert asked.parameters["tasks_per_node"] == 3
    assert asked.parameters["slurm_partition"] == "fast"
    assert asked.folder == Path("jobs").absolute()
    assert found.asked(job("trainer.devices=3", "seed=2")) is asked
    assert found.needs({"num_nodes": 2}) == Needs(cores=0)


def test_a_cluster_of_ones_own_is_a_file(tmp_path: Path) -> None:
    (folder := tmp_path / "hydra" / "launcher").mkdir(parents=True)
    (folder / "mine.yaml").write_text("defaults: [slurm, _self_]\npartition: fast\n")
    found = launching(STUDY, overrides=["hydra/launcher=mine"], workers=None, config_dirs=[str(tmp_path)])
    assert isinstance(found, OnCluster)
    assert found.asked(job()).parameters["slurm_partition"] == "fast"


def test_jobs_of_all_studies_with_the_same_outputs_are_on_record_in_one_place(tmp_path: Path) -> None:
    found = launching(STUDY, overrides=ON_CLUSTER, workers=None)
    pool = found.pool(plan_in(tmp_path), 3)
    assert isinstance(pool, SlurmPool)
    assert pool.sent.folder == tmp_path / "slurm" / "sent"


@pytest.mark.parametrize("state", ["RUNNING", "FAILED"])
def test_what_a_cluster_still_does_is_not_done_here_as_well(
    state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_in(tmp_path)
    SentRuns(tmp_path / "slurm" / "sent").note(plan.jobs[1].folder, Sent(tmp_path / "batch", 3, "7_3"))
    monkeypatch.setattr(slurm_queue, "queued", lambda: {"7_3": Queued(state, tmp_path / "batch" / "x.sh")})
    said = (
        r"^jobs of SLURM still do runs of this study, got 7_3 \(add hydra/launcher=slurm, or end them by scancel 7\)$"
    )
    with pytest.raises(UserError, match=said) if state == "RUNNING" else nullcontext():
        SideBySide().pool(plan, 3)


@pytest.mark.parametrize(
    "overrides, said",
    [
        (["hydra/launcher=slurm", "hydra.launcher.name=bash"], r"^Lightning takes such a job for a shell, got bash"),
        (["hydra/launcher=slurm", "hydra.launcher.partiton=x"], r"^no key 'hydra.launcher.partiton' \(did you mean"),
        (["hydra/launcher=local", "hydra.launcher.workers=0"], r"^workers must be a whole number, 1 or more, got 0"),
    ],
)
def test_a_mistake_is_said_before_anything_is_planned(overrides: list[str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        launching(STUDY, overrides=overrides, workers=None)


def test_without_sbatch_nothing_is_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(UserError, match=r"^there is no sbatch here, got hydra/launcher=slurm"):
        launching(STUDY, overrides=ON_CLUSTER, workers=None).check_there()
