"""What runs side by side take of a machine, and what is left of it."""

from typing import Any

import pytest
import torch

from attnlab.errors import UserError
from attnlab.launch import resources
from attnlab.launch.resources import Needs, Room, needs_of


def _trainer(**changes: Any) -> dict[str, Any]:
    return {"num_nodes": 1, "devices": 1, "accelerator": "auto", "threads": None} | changes


@pytest.mark.parametrize(
    "trainer, gpus, expected",
    [
        (_trainer(), 0, Needs(cores=5)),  # all that it would take alone
        (_trainer(threads=2), 0, Needs(cores=2)),
        (_trainer(threads=2, devices=3), 0, Needs(cores=6)),
        (_trainer(threads=1, devices=-1), 0, Needs(cores=1)),
        (_trainer(threads=1), 4, Needs(cores=0, gpus=1)),
        (_trainer(threads=1, devices=3), 4, Needs(cores=0, gpus=3)),
        (_trainer(devices="auto", accelerator="gpu"), 4, Needs(cores=0, gpus=4)),
        (_trainer(devices=9), 4, Needs(cores=0, gpus=4)),  # the run itself says that there are fewer
        (_trainer(threads=1, accelerator="cpu"), 4, Needs(cores=1)),
        (_trainer(threads=1, accelerator="gpu"), 0, Needs(cores=1)),  # likewise
    ],
)
def test_a_run_takes_its_threads_for_each_process_or_its_gpus(
    trainer: dict[str, Any], gpus: int, expected: Needs
) -> None:
    assert needs_of(trainer, threads=5, gpus=gpus) == expected


def test_a_run_on_several_machines_is_refused() -> None:
    with pytest.raises(UserError, match=r"got trainer.num_nodes=2 \(set hydra/launcher=slurm, or trainer.num_nodes=1"):
        needs_of(_trainer(num_nodes=2), threads=1, gpus=0)


def test_runs_are_taken_while_their_cores_are_free() -> None:
    room = Room(cores=3)
    first, second = room.take(Needs(cores=1)), room.take(Needs(cores=2))
    assert first is not None
    assert second is not None
    assert room.take(Needs(cores=1)) is None
    room.give_back(second)
    assert room.take(Needs(cores=3)) is None
    assert room.take(Needs(cores=2)) is not None


def test_a_run_that_takes_more_than_there_is_runs_alone() -> None:
    room = Room(cores=3)
    small = room.take(Needs(cores=1))
    assert small is not None
    assert room.take(Needs(cores=5)) is None
    room.give_back(small)
    assert room.take(Needs(cores=5)) is not None
    assert room.take(Needs(cores=1)) is None


def test_a_number_of_workers_goes_before_the_cores() -> None:
    room = Room(cores=1, workers=2)
    assert room.take(Needs(cores=4)) is not None
    assert room.take(Needs(cores=4)) is not None
    assert room.take(Needs(cores=1)) is None


def test_each_gpu_is_one_runs_at_a_time() -> None:
    room = Room(cores=1, gpus=("3", "5"))
    first, second = room.take(Needs(cores=0, gpus=1)), room.take(Needs(cores=0, gpus=1))
    assert first is not None
    assert second is not None
    assert {*first.gpus, *second.gpus} == {"3", "5"}
    assert room.take(Needs(cores=0, gpus=1)) is None
    room.give_back(first)
    again = room.take(Needs(cores=0, gpus=1))
    assert again is not None
    assert again.gpus == first.gpus


@pytest.mark.parametrize("named, expected", [(None, ("0", "1")), ("2,GPU-f3a,7", ("2", "GPU-f3a"))])
def test_gpus_go_by_the_names_that_cuda_knows(
    named: str | None, expected: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    if named is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    else:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)
    assert resources.gpus_here() == expected
