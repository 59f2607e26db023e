"""The maps of a study's arms: made once, kept, and made anew for a run that was."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_study import made_plan

from attnlab.errors import UserError
from attnlab.launch.local_pool import Job as PoolJob
from attnlab.launch.local_pool import Outcome
from attnlab.launch.resources import Needs
from attnlab.reporting.pages.linked_maps import RunMaps
from attnlab.runs import kept_maps
from attnlab.study.arm_maps import NO_WEIGHTS, ArmMaps
from attnlab.study.plan import Job

TRAINER = {"num_nodes": 1, "devices": 1, "accelerator": "cpu", "threads": 1}


class _Here:
    """A pool that does its jobs in this process."""

    def run(self, jobs: Iterable[PoolJob]) -> Iterator[Outcome]:
        for job in jobs:
            yield Outcome(job, job.train(), 0.1)


def _here(total: int) -> Any:
    assert total
    return _Here()


def _needs(trainer: Any) -> Needs:
    return Needs(cores=trainer["threads"])


@pytest.fixture
def job(tmp_path: Path) -> Job:
    folder = tmp_path / "0123456789"
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "checkpoints" / "best.ckpt").touch()
    (folder / "metrics.json").write_text("{}")
    return replace(made_plan().jobs[0], folder=folder, config={"trainer": TRAINER})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The runs whose maps were made."""
    folders: list[Path] = []

    def made(folder: Path, *, trust: tuple[str, ...]) -> RunMaps:
        folders.append(folder)
        return {"examples": [], "why": f"made {len(folders)}"}

    monkeypatch.setattr(kept_maps, "maps_of", made)
    return folders


def test_maps_are_made_once_and_again_for_a_run_that_was_done_anew(job: Job, asked: list[Path], tmp_path: Path) -> None:
    maps = ArmMaps(tmp_path / "study")
    assert maps.of(job) is None
    for _ in range(2):
        assert maps.made([job], _here, needs=_needs) == {job.arm: {"examples": [], "why": "made 1"}}
    assert asked == [job.folder]
    (job.folder / "metrics.json").write_text("{ }")
    assert maps.made([job], _here, needs=_needs) == {job.arm: {"examples": [], "why": "made 2"}}


def test_what_is_damaged_or_of_another_form_is_made_anew(job: Job, asked: list[Path], tmp_path: Path) -> None:
    maps = ArmMaps(tmp_path / "study")
    maps.made([job], _here, needs=_needs)
    path = tmp_path / "study" / "maps" / f"{job.folder.name}.json"
    for text in ("{", "[]", json.dumps(json.loads(path.read_text()) | {"schema": 0})):
        path.write_text(text)
        assert maps.of(job) is None
    maps.made([job], _here, needs=_needs)
    assert len(asked) == 2
    assert ArmMaps(tmp_path / "study", trust=["mine"]).of(job) is None, "with more trust it may come out otherwise"


def test_a_run_whose_maps_cannot_be_made_says_why_and_stops_no_other(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(folder: Path, *, trust: tuple[str, ...]) -> RunMaps:
        raise (UserError("not to be trusted") if folder == job.folder else ZeroDivisionError("by zero"))

    monkeypatch.setattr(kept_maps, "maps_of", fails)
    other = replace(job, arm="additive", folder=tmp_path / "other")
    (other.folder / "checkpoints").mkdir(parents=True)
    (other.folder / "checkpoints" / "best.ckpt").touch()
    (other.folder / "metrics.json").write_text("{}")
    gone = replace(job, arm="none", folder=tmp_path / "gone")
    found = ArmMaps(tmp_path / "study").made([job, other, gone], _here, needs=_needs)
    whys = {arm: maps["why"] for arm, maps in found.items()}
    assert whys == {job.arm: "not to be trusted", "additive": "by zero", "none": NO_WEIGHTS}
