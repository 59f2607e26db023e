"""A process knows its place among those that train together."""

import os

import pytest

from attnlab.launch import place

SLURM = {"SLURM_JOB_ID": "7", "SLURM_JOB_NAME": "attnlab"}


@pytest.fixture(autouse=True)
def _outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("SLURM_")] + ["RANK", "LOCAL_RANK", "NODE_RANK"]:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "environment, rank, processes",
    [
        ({}, 0, 1),
        ({"LOCAL_RANK": "1"}, 1, 1),
        ({"LOCAL_RANK": "0", "NODE_RANK": "1"}, 1, 1),
        ({"RANK": "3", "LOCAL_RANK": "1", "WORLD_SIZE": "4"}, 3, 4),
        ({**SLURM, "SLURM_PROCID": "2", "SLURM_STEP_ID": "0", "SLURM_NTASKS": "4"}, 2, 4),
        # A job's own script, without srun, is one process; so is a shell for interactive work.
        ({**SLURM, "SLURM_PROCID": "0", "SLURM_NTASKS": "4"}, 0, 1),
        ({**SLURM, "SLURM_JOB_NAME": "bash", "SLURM_PROCID": "1", "SLURM_STEP_ID": "0", "SLURM_NTASKS": "2"}, 0, 1),
    ],
)
def test_a_process_knows_its_place(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], rank: int, processes: int
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert (place.rank(), place.num_processes()) == (rank, processes)
