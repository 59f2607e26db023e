"""Gradients are cut off one by one, before their norm is clipped."""

from types import SimpleNamespace

import torch
from lightning.pytorch.plugins import Precision

from attnlab.runs.clip_by_value import ClipByValue


def test_each_gradient_of_the_optimizer_is_cut_off() -> None:
    parameter, other = torch.nn.Parameter(torch.zeros(3)), torch.nn.Parameter(torch.zeros(1))
    parameter.grad, other.grad = torch.tensor([0.2, -3.0, 0.7]), torch.tensor([9.0])
    task = SimpleNamespace(trainer=SimpleNamespace(precision_plugin=Precision()))
    ClipByValue(0.5).on_before_optimizer_step(task.trainer, task, torch.optim.SGD([parameter]))
    assert torch.equal(parameter.grad, torch.tensor([0.2, -0.5, 0.5]))
    assert other.grad.item() == 9
