"""Gradients are clipped to the norm asked for, whatever the loss scale."""

from types import SimpleNamespace

import pytest
import torch
from lightning.pytorch.plugins import MixedPrecision, Precision
from torch import Tensor
from torch.amp import GradScaler

from attnlab.tasks.training.clipping import check_clip_norm, clip_gradients, clip_values

pytestmark = pytest.mark.text


def _parameter(gradient: list[float], scale: float = 1.0) -> Tensor:
    parameter = torch.nn.Parameter(torch.zeros(len(gradient)))
    parameter.grad = torch.tensor(gradient) * scale
    return parameter


def _task(scale: float | None) -> SimpleNamespace:
    plugin = Precision() if scale is None else MixedPrecision("16-mixed", "cpu", GradScaler("cpu", init_scale=scale))
    return SimpleNamespace(trainer=SimpleNamespace(precision_plugin=plugin))


def _optimizer(*parameters: Tensor, fused: bool = False) -> SimpleNamespace:
    groups = [{"params": [parameter]} for parameter in parameters]
    return SimpleNamespace(param_groups=groups, _step_supports_amp_scaling=fused)


@pytest.mark.parametrize("scale", [None, 1024.0])
def test_the_norm_after_unscaling_is_the_one_asked_for(scale: float | None) -> None:
    parameter = _parameter([30.0, 40.0], scale or 1.0)
    clip_gradients(_task(scale), _optimizer(parameter, fused=True), 5.0)
    assert torch.allclose(parameter.grad / (scale or 1.0), torch.tensor([3.0, 4.0]), atol=1e-5)


@pytest.mark.parametrize("scale", [None, 1024.0])
def test_the_value_after_unscaling_is_the_one_asked_for(scale: float | None) -> None:
    parameter = _parameter([30.0, -0.25], scale or 1.0)
    clip_values(_task(scale), _optimizer(parameter, fused=True), 0.5)
    assert torch.equal(parameter.grad / (scale or 1.0), torch.tensor([0.5, -0.25]))


def test_an_optimizer_whose_gradients_are_unscaled_already_is_clipped_as_it_is() -> None:
    parameter = _parameter([30.0, 40.0])
    clip_gradients(_task(1024.0), _optimizer(parameter), 5.0)
    assert torch.allclose(parameter.grad, torch.tensor([3.0, 4.0]), atol=1e-5)


def test_the_norm_is_that_of_all_groups_together() -> None:
    parameters = _parameter([30.0]), _parameter([40.0])
    clip_gradients(_task(None), _optimizer(*parameters), 5.0)
    assert torch.allclose(torch.cat([each.grad for each in parameters]), torch.tensor([3.0, 4.0]), atol=1e-5)


def test_without_a_norm_nothing_is_clipped() -> None:
    parameter = _parameter([30.0, 40.0])
    clip_gradients(_task(None), _optimizer(parameter), None)
    assert parameter.grad.tolist() == [30.0, 40.0]


@pytest.mark.parametrize("norm", [0.0, -1.0, float("nan")])
def test_a_norm_is_a_number_above_0(norm: float) -> None:
    with pytest.raises(ValueError, match=rf"clip_norm must be above 0, or null, got {norm} \(set task.clip_norm\)"):
        check_clip_norm(norm)
    check_clip_norm(None)
    check_clip_norm(1e-3)
