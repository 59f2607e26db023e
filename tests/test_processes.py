"""What two processes tell each other: in the order of ranks, the first's statistics, the mean of gradients."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from attnlab.processes import average_gradients, gathered, own, share_statistics


def _net(rank: int) -> nn.Sequential:
    """Parameters and statistics of its own for each rank; the last parameter has no gradient."""
    torch.manual_seed(rank)
    net = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.Linear(5, 2))
    net[1].running_mean.fill_(rank + 7)
    net[1].num_batches_tracked.fill_(rank)
    for number, parameter in enumerate(list(net.parameters())[:-1]):
        parameter.grad = torch.full_like(parameter, (rank + 1) * (number + 1))
    return net


def _said(rank: int) -> dict[str, Any]:
    net = _net(rank)
    weights = net[0].weight.tolist()
    share_statistics(net)
    average_gradients(net.parameters())
    found = gathered({"rank": rank})
    return {
        "gathered": found,
        "own": own(found),
        "own_of_fewer": own(["only"]),
        "mean": net[1].running_mean.tolist(),
        "tracked": int(net[1].num_batches_tracked),
        "gradients": [None if each.grad is None else each.grad.unique().tolist() for each in net.parameters()],
        "weights_stay": net[0].weight.tolist() == weights,
    }


def _fork(rank: int, folder: Path, say: Callable[[int], dict[str, Any]]) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        meeting = f"file://{folder / 'meeting'}"
        torch.distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=2)
        (folder / f"{rank}.json").write_text(json.dumps(say(rank)))
        status = 0
    finally:
        os._exit(status)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # later Pythons': of forks beside threads
def test_two_processes_end_with_the_same(tmp_path: Path) -> None:
    children = [_fork(rank, tmp_path, _said) for rank in (0, 1)]
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0]
    for rank in (0, 1):
        assert json.loads((tmp_path / f"{rank}.json").read_text()) == {
            "gathered": [{"rank": 0}, {"rank": 1}],
            "own": {"rank": rank},
            "own_of_fewer": "only",
            "mean": [7.0] * 5,  # the first's
            "tracked": rank,  # a count is no statistic
            "gradients": [[1.5], [3.0], [4.5], [6.0], [7.5], None],
            "weights_stay": True,
        }


def test_a_process_alone_keeps_what_it_has() -> None:
    said = _said(1)
    assert said["gathered"] == [{"rank": 1}]
    assert said["own"] == {"rank": 1}
    assert said["mean"] == [8.0] * 5
    assert said["gradients"] == [[2.0], [4.0], [6.0], [8.0], [10.0], None]
