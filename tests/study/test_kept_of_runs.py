"""What is made of finished runs: a file each, by a job of a pool each."""

from dataclasses import replace
from pathlib import Path

import pytest
from tiny_study import made_plan

from attnlab.language import Words
from attnlab.launch.resources import Needs
from attnlab.study.kept_of_runs import KeptOfRuns
from attnlab.study.plan import Job


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return replace(made_plan().jobs[0], folder=tmp_path / "0123456789", config={"trainer": {"threads": 3}})


def test_each_run_has_a_job_that_makes_its_file_and_a_log_beside_it(job: Job, tmp_path: Path) -> None:
    made: list[Job] = []

    def make(job: Job) -> float:
        made.append(job)
        return 0.5

    kept = KeptOfRuns(tmp_path / "maps", make, named=Words("what it attends to", "看向哪里"))
    [pooled] = kept.pool_jobs([job], needs=lambda trainer: Needs(cores=trainer["threads"]))
    assert (pooled.name, pooled.needs.cores) == ("uniform seed=0 what it attends to", 3)
    assert pooled.output_dir == kept.log_folder(job) == kept.path(job).with_suffix("")
    assert pooled.is_one_process
    ended = pooled.train()
    assert (ended.status, ended.score, made) == ("finished", 0.5, [job])


def test_a_training_that_was_done_anew_has_another_stamp(job: Job) -> None:
    job.folder.mkdir()
    stamps = []
    for text in ("{}", "{ }", "{}"):
        (job.folder / "metrics.json").write_text(text)
        stamps.append(KeptOfRuns.stamp(job))
    assert stamps[0] == stamps[2] != stamps[1]
