"""Runs as jobs of SLURM: waited for as long as they may still come, and refused where they can't be sent."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from omegaconf import OmegaConf

from attnlab.config import sweep_overrides
from attnlab.errors import UserError
from attnlab.launch import slurm_launcher, slurm_queue
from attnlab.launch.slurm_launcher import POLLS_UNTIL_GIVEN_UP, SlurmLauncher
from attnlab.launch.slurm_queue import SETUP


def _launcher(*overrides: str) -> SlurmLauncher:
    node = sweep_overrides.hydra_node("launcher", ["hydra/launcher=slurm", *overrides])
    arguments = {key: value for key, value in node.items() if not key.startswith("_")}
    return SlurmLauncher(**arguments | {"additional_parameters": OmegaConf.create(arguments["additional_parameters"])})


def test_what_the_configuration_leaves_open_is_left_to_slurm() -> None:
    parameters = _launcher("hydra.launcher.partition=fast", "hydra.launcher.timeout_min=7").asked.parameters
    assert parameters["slurm_partition"] == "fast"
    assert parameters["timeout_min"] == 7
    assert "slurm_account" not in parameters
    assert None not in parameters.values()
    assert parameters["slurm_setup"][: len(SETUP)] == SETUP


@pytest.mark.parametrize("looks", [True, False])
def test_a_job_takes_modules_of_the_working_folder_only_if_its_sender_does(
    looks: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", ["elsewhere", *([str(tmp_path)] if looks else [])])
    assert ("export PYTHONSAFEPATH=1" in slurm_queue.setup()) is not looks


@pytest.mark.parametrize("name", ["bash", "interactive"])
def test_a_name_that_lightning_takes_for_a_shells_is_refused(name: str) -> None:
    message = rf"^Lightning takes such a job for a shell, got {name} \(set hydra.launcher.name\)$"
    with pytest.raises(UserError, match=message):
        _launcher(f"hydra.launcher.name={name}")


def test_without_sbatch_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(
        UserError, match=r"^there is no sbatch here, got hydra/launcher=slurm \(start it on the cluster"
    ):
        _launcher().launch([["seed=1"]], 0)


class Jobs:
    """Jobs by number; `alive[poll]` are those that SLURM still has, and `done[poll]` those that leave a result."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, *, alive: list[Any], done: dict[int, str]
    ) -> None:
        self.polls, self.folder = 0, folder
        self.jobs = [
            SimpleNamespace(job_id=name, paths=SimpleNamespace(result_pickle=folder / name)) for name in ("1", "2")
        ]

        def sleep(seconds: float) -> None:
            self.polls += 1
            if self.polls in done:
                (folder / done[self.polls]).touch()

        monkeypatch.setattr(slurm_launcher.time, "sleep", sleep)
        monkeypatch.setattr(slurm_launcher, "_alive", lambda: alive[min(self.polls, len(alive)) - 1])


def test_a_job_is_waited_for_until_its_result_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = Jobs(tmp_path, monkeypatch, alive=[{"1", "2"}], done={3: "2", 7: "1"})
    slurm_launcher._wait(jobs.jobs)
    assert jobs.polls == 7


def test_a_job_that_is_gone_without_a_result_is_given_up_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = Jobs(tmp_path, monkeypatch, alive=[{"1", "2"}, {"1", "2"}, set()], done={4: "1"})
    slurm_launcher._wait(jobs.jobs)
    assert jobs.polls == 2 + POLLS_UNTIL_GIVEN_UP


def test_a_slurm_that_does_not_answer_ends_no_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = Jobs(tmp_path, monkeypatch, alive=[None] * 30 + [set()], done={29: "1", 31: "2"})
    slurm_launcher._wait(jobs.jobs)
    assert jobs.polls == 31
