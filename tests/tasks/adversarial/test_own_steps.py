"""Optimizers that a task steps itself: what the trainer must leave to it, and which steps it counts."""

import re
from collections.abc import Callable
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from lightning.pytorch.strategies import DDPStrategy, FSDPStrategy, SingleDeviceStrategy
from torch import nn

from attnlab.tasks.adversarial.own_steps import backward, check_own_steps, step


def _trainer(strategy: Any, accumulate: int = 1) -> Any:
    return SimpleNamespace(accumulate_grad_batches=accumulate, strategy=strategy)


@pytest.mark.parametrize("make", [lambda: SingleDeviceStrategy("cpu"), DDPStrategy])
def test_one_process_and_several_that_share_whole_networks_are_taken(make: Callable[[], Any]) -> None:
    check_own_steps(_trainer(make()))


@pytest.mark.parametrize(
    "make, accumulate, message",
    [
        (DDPStrategy, 3, "the task accumulates: accumulate_grad_batches must be 1, got 3 (set task.accumulate)"),
        (FSDPStrategy, 1, "need strategy auto or ddp, got FSDPStrategy (set trainer.strategy)"),
    ],
)
def test_what_a_trainer_cannot_do_here_is_refused(make: Callable[[], Any], accumulate: int, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        check_own_steps(_trainer(make(), accumulate))


@pytest.mark.parametrize("counts", [True, False])
def test_a_step_moves_the_weights_and_the_trainer_counts_those_it_should(counts: bool) -> None:
    network, counted = nn.Linear(3, 5), []
    network.weight.grad = torch.ones_like(network.weight)  # the bias has none
    inner = torch.optim.SGD(network.parameters(), lr=0.25)
    before = network.weight.detach().clone()

    class Wrapper:
        """As Lightning's, which counts."""

        optimizer = inner

        def step(self) -> None:
            counted.append(1)
            inner.step()

    strategy = SimpleNamespace(optimizer_step=lambda optimizer, closure, model: optimizer.step())
    step(SimpleNamespace(trainer=SimpleNamespace(strategy=strategy)), Wrapper(), counts=counts)  # type: ignore[arg-type]
    assert torch.equal(network.weight, before - 0.25)
    assert len(counted) == counts


def test_gradients_are_added_up_without_waiting_for_other_processes() -> None:
    weight = torch.ones(3, requires_grad=True)
    blocked: list[str] = []

    class Strategy(DDPStrategy):
        @contextmanager
        def block_backward_sync(self) -> Any:
            blocked.append("in")
            yield
            blocked.append("out")

    def manual_backward(loss: torch.Tensor) -> None:
        assert blocked[-1] == "in"
        loss.backward()

    task = SimpleNamespace(trainer=SimpleNamespace(strategy=Strategy()), manual_backward=manual_backward)
    for _ in range(2):
        backward(task, (2 * weight).sum())  # type: ignore[arg-type]
    assert weight.grad is not None
    assert weight.grad.tolist() == [4, 4, 4]
    assert blocked == ["in", "out"] * 2
