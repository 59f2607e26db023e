"""How processes share a run and who starts them, by what was asked for and where this process stands."""

import os

import pytest
from lightning.pytorch.strategies import DDPStrategy

from attnlab.runs.strategy import environment, sharding_callbacks, strategy_of

JOB = {"SLURM_JOB_ID": "7", "SLURM_JOB_NAME": "attnlab", "SLURM_NTASKS": "2", "SLURM_NTASKS_PER_NODE": "2"}
TASK = {"SLURM_PROCID": "1", "SLURM_STEP_ID": "0", "SLURM_LOCALID": "0", "SLURM_NODEID": "0"}


@pytest.fixture(autouse=True)
def _outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("SLURM_")] + ["MASTER_ADDR", "WORLD_SIZE"]:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", ["MASTER_ADDR", "WORLD_SIZE"])
def test_several_nodes_need_somebody_who_starts_them(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        ValueError,
        match=r"^on several nodes a launcher starts the processes, got num_nodes=2 with neither MASTER_ADDR nor",
    ):
        environment(2)
    monkeypatch.setenv(name, "1")
    assert environment(2) == []


def test_one_process_needs_no_strategy_and_several_share_gradients() -> None:
    assert strategy_of("auto", 1) == "auto"
    for found in (strategy_of("auto", 2), strategy_of("ddp", 1)):
        assert isinstance(found, DDPStrategy)
        assert found._ddp_kwargs == {"find_unused_parameters": False, "broadcast_buffers": False}


def test_only_sharding_needs_a_callback() -> None:
    assert sharding_callbacks("ddp") == sharding_callbacks("auto") == []


@pytest.mark.parametrize(
    "variables, expected", [({}, []), (JOB, ["LightningEnvironment"]), (JOB | TASK, ["SLURMEnvironment"])]
)
def test_who_starts_processes_follows_from_the_place(
    variables: dict[str, str], expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert [type(each).__name__ for each in environment(1)] == expected


def test_several_nodes_of_a_job_need_srun(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in JOB.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(
        ValueError, match=r"^on several nodes srun starts the processes, got num_nodes=2 without it \(set"
    ):
        environment(2)
    for name, value in TASK.items():
        monkeypatch.setenv(name, value)
    assert len(environment(2)) == 1
