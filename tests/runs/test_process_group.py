"""A run's process group ends with it, and doesn't wait for itself."""

import multiprocessing
import os
from pathlib import Path

import pytest
import torch
import torch.distributed

from attnlab.runs.process_group import NAMES, own_process_group

ROUNDS = 60


def _begin_and_end(rank: int, folder: Path) -> None:
    for number in range(ROUNDS):
        with own_process_group():
            store = torch._C._distributed_c10d.FileStore(str(folder / str(number)), 2)
            torch.distributed.init_process_group("gloo", store=store, rank=rank, world_size=2)
            received = [torch.zeros(200_000) for _ in range(2)]
            torch.distributed.all_gather(received, torch.ones(200_000))
            del received
            torch.distributed.barrier()


@pytest.mark.text
def test_groups_that_end_right_after_a_collective_do_not_wait_for_ever(tmp_path: Path) -> None:
    """Torch 2.3 frees such a group while a thread of its own still holds tensors: a matter of chance each time."""
    forking = multiprocessing.get_context("fork")
    both = [forking.Process(target=_begin_and_end, args=(rank, tmp_path)) for rank in (0, 1)]
    for each in both:
        each.start()
    for each in both:
        each.join(40)
    ended = [each.exitcode for each in both]
    for each in both:
        each.kill()
    assert ended == [0, 0]


def test_what_a_launcher_has_set_stays_and_what_a_run_sets_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    with own_process_group():
        os.environ["LOCAL_RANK"] = "1"
    assert {name for name in NAMES if name in os.environ} == {"MASTER_ADDR"}
