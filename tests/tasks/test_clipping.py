"""Gradients are clipped to the norm asked for, whatever the loss scale."""

from types import SimpleNamespace

import pytest
import torch

from attnlab.tasks.clipping import clip_gradients


def _task(scale: float | None) -> SimpleNamespace:
    parameter = torch.nn.Parameter(torch.zeros(2))
    parameter.grad = torch.tensor([30.0, 40.0]) * (scale or 1.0)
    scaler = None if scale is None else SimpleNamespace(get_scale=lambda: scale)
    plugin = SimpleNamespace(scaler=scaler)
    return SimpleNamespace(parameters=lambda: [parameter], trainer=SimpleNamespace(precision_plugin=plugin))


@pytest.mark.parametrize("scale", [None, 1024.0])
def test_the_norm_after_unscaling_is_the_one_asked_for(scale: float | None) -> None:
    task = _task(scale)
    fused = SimpleNamespace(_step_supports_amp_scaling=True)
    clip_gradients(task, fused, 5.0)
    (parameter,) = task.parameters()
    assert torch.allclose(parameter.grad / (scale or 1.0), torch.tensor([3.0, 4.0]), atol=1e-5)


def test_an_optimizer_whose_gradients_are_unscaled_already_is_clipped_as_it_is() -> None:
    task = _task(None)
    task.trainer.precision_plugin.scaler = SimpleNamespace(get_scale=lambda: 1024.0)
    clip_gradients(task, SimpleNamespace(), 5.0)
    (parameter,) = task.parameters()
    assert torch.allclose(parameter.grad, torch.tensor([3.0, 4.0]), atol=1e-5)


def test_without_a_norm_nothing_is_clipped() -> None:
    task = _task(None)
    clip_gradients(task, SimpleNamespace(), None)
    assert task.parameters()[0].grad.tolist() == [30.0, 40.0]
