"""Weight decay pulls at weights alone."""

from functools import partial

import pytest
import torch
from torch import nn

from attnlab.tasks.training.weight_decay import optimized


class Gate(nn.Module):
    undecayed = frozenset({"bias"})

    def __init__(self) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(3, 1, 1))


def test_what_a_module_names_is_not_decayed() -> None:
    network = nn.Sequential(Gate(), nn.Linear(2, 2))
    optimizer_of = partial(torch.optim.AdamW, lr=0.1, weight_decay=0.5)
    optimizer = optimizer_of(optimized(network, optimizer_of))
    before = {name: each.detach().clone() for name, each in network.named_parameters()}
    for each in network.parameters():
        each.grad = torch.zeros_like(each)
    optimizer.step()
    kept = {name for name, each in network.named_parameters() if torch.equal(each, before[name])}
    assert kept == {"0.bias"}
    assert sum(len(group["params"]) for group in optimizer.param_groups) == len(before)


def test_without_decay_or_such_parameters_there_is_one_group() -> None:
    for network, optimizer in (
        (Gate(), partial(torch.optim.Adam, weight_decay=0.0)),
        (Gate(), partial(torch.optim.LBFGS, lr=1.0)),
        (nn.Linear(2, 2), partial(torch.optim.AdamW, weight_decay=0.5)),
    ):
        assert optimized(network, optimizer) == list(network.parameters())


def test_what_an_optimizer_does_not_take_it_says_itself() -> None:
    optimizer_of = partial(torch.optim.SGD, lr=0.1, momentun=0.9)
    given = optimized(Gate(), optimizer_of)
    with pytest.raises(TypeError, match="momentun"):
        optimizer_of(given)
