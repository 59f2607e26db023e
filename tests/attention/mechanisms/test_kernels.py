"""Kernels of compact support: what lies outside the window, and which gradients are exact."""

from functools import partial

import pytest
import torch
from mechanisms import FACTORIES

from attnlab.attention.conformance.inputs import build_core, qkv

pytestmark = pytest.mark.text

NAMES = ["kernel_boxcar", "kernel_epanechnikov"]


def build(name, **values):
    factory = FACTORIES[name].keywords["core"]
    return build_core(lambda **arguments: factory(**arguments, **values), "cross")


def on_a_line(*points):
    """Vectors (1, 3, len(points), 10), at the given places of the first axis."""
    vectors = torch.zeros(1, 3, len(points), 10, dtype=torch.float64)
    vectors[..., 0] = torch.tensor(points, dtype=torch.float64)
    return vectors.requires_grad_()


def with_bandwidth(name, bandwidth):
    core = build(name)
    with torch.no_grad():
        core.log_bandwidth.fill_(bandwidth).log_()
    return core


@pytest.mark.parametrize("name", NAMES)
def test_a_query_with_no_key_in_its_window_gets_zeros_and_finite_gradients(name):
    core = with_bandwidth(name, 2.0)
    q, k = on_a_line(0.0, 50.0), on_a_line(1.0, -1.0, 3.0)
    v = torch.randn(1, 3, 3, 10, dtype=torch.float64, requires_grad=True)
    bias = torch.full((2, 3), 9.0, dtype=torch.float64)  # brings no key in
    output = core(q, k, v, bias=bias)
    assert (core.weights(q, k, bias=bias)[:, :, 1] == 0).all()
    assert (output[:, :, 1] == 0).all()
    torch.testing.assert_close(output[:, :, 0], v[:, :, :2].mean(-2))
    for gradient in torch.autograd.grad(output.square().sum(), [q, k, v, core.log_bandwidth]):
        assert gradient.isfinite().all()


def test_boxcar_keys_inside_count_the_same_and_epanechnikovs_by_nearness():
    q, k = on_a_line(0.0), on_a_line(0.0, 1.0, -1.9, 2.1)
    boxcar = with_bandwidth("kernel_boxcar", 2.0).weights(q, k)[0, 0, 0]
    epanechnikov = with_bandwidth("kernel_epanechnikov", 2.0).weights(q, k)[0, 0, 0]
    torch.testing.assert_close(boxcar, torch.tensor([1.0, 1.0, 1.0, 0.0], dtype=torch.float64) / 3)
    kernel = torch.tensor([1.0, 0.75, 1 - 0.95**2, 0.0], dtype=torch.float64)
    torch.testing.assert_close(epanechnikov, kernel / kernel.sum())


@pytest.mark.parametrize("name", NAMES)
def test_a_window_starts_so_wide_that_few_keys_fall_out(name):
    core = FACTORIES[name](64, num_heads=2, role="cross", max_length=101).core
    q, k = torch.randn(2, 1, 2, 101, 32, generator=torch.Generator().manual_seed(0))
    assert (core.weights(q, k) > 0).float().mean() > 0.95


def test_epanechnikov_gradients_are_its_own():
    core = with_bandwidth("kernel_epanechnikov", 4.0)
    q, k, v = (tensor[:1, :, :3].detach().requires_grad_() for tensor in qkv(5, 5))
    kept = core.weights(q, k) > 0
    assert kept.any()
    assert not kept.all()
    torch.autograd.gradcheck(lambda q, k, v, _: core(q, k, v), (q, k, v, core.log_bandwidth))


def test_boxcar_gradients_are_those_of_a_gaussian_on_the_window():
    core = with_bandwidth("kernel_boxcar", 4.0)
    (q, k, v), log_bandwidth = qkv(5, 5), core.log_bandwidth
    weights = core.weights(q, k)
    kept = weights > 0
    assert kept.any()
    assert not kept.all()
    inputs = [q, k, log_bandwidth]
    gradients = torch.autograd.grad((weights @ v).square().sum(), inputs)
    # The derivative of a softmax with the same weights, put together by hand: w (s - sum_j w_j s_j) for upstream s.
    distance = (q.unsqueeze(-2) - k.unsqueeze(-3)).square().sum(-1) / (2 * log_bandwidth).exp()
    upstream = 2 * (weights @ v).detach() @ v.mT.detach()
    fixed = weights.detach()
    upstream = fixed * (upstream - (fixed * upstream).sum(-1, keepdim=True))
    torch.testing.assert_close(gradients, torch.autograd.grad(-(upstream * distance).sum(), inputs))


@pytest.mark.parametrize("name", NAMES)
def test_a_bandwidth_that_is_not_positive_is_refused(name):
    message = r"initial_bandwidth must be above 0, got 0\.0 \(set attention\.core\.initial_bandwidth\)"
    with pytest.raises(ValueError, match=message):
        build(name, initial_bandwidth=0.0)


@pytest.mark.parametrize("name", NAMES)
def test_a_window_starts_at_twice_the_root_of_the_heads_width_unless_it_is_said(name):
    factory = partial(
        FACTORIES[name].keywords["core"], num_heads=3, head_dim=10, role="cross", max_length=13, dropout=0
    )
    for values, width in (({}, 2 * 10**0.5), ({"initial_bandwidth": 3.5}, 3.5)):
        torch.testing.assert_close(factory(**values).log_bandwidth.exp(), torch.full((3, 1, 1), width))
