"""What any mechanism on feature maps must do before a model may use it, as checks that run on ours and on yours.

Each of CHECKS takes a factory of the mechanism, as a model does. It returns if all is well or if it doesn't apply, and
else raises AssertionError saying what is wrong and why that matters.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from attnlab.attention.conformance.differences import require_true_gradients
from attnlab.attention.conformance.inputs import ROUNDING, gradients, require, require_close, require_near
from attnlab.attention.unregistered import unregistered
from attnlab.feature_attention.capture import capture_feature_attention
from attnlab.feature_attention.conformance.inputs import (
    SIZES,
    FeatureFactory,
    as_module,
    as_weighing,
    build,
    feature_map,
    reordered,
)

Check = Callable[[FeatureFactory], None]


def shape_and_dtype_are_kept(factory: FeatureFactory) -> None:
    mechanism = build(factory)
    for size in SIZES:
        x = feature_map(size)
        before = x.detach().clone()
        output = mechanism(x)
        require(output.shape == x.shape, f"the output must be {tuple(x.shape)} as the input, got {tuple(output.shape)}")
        require(output.dtype == x.dtype, f"the output must be {x.dtype} as the input, got {output.dtype}")
        require(bool(output.isfinite().all()), f"a map of {size[0]} × {size[1]} gives a result that isn't finite")
        require(torch.equal(x, before), "the input is changed in place: whoever else reads it gets another map")


def forward_is_weights_combined(factory: FeatureFactory) -> None:
    mechanism = as_weighing(build(factory))
    if mechanism is None:
        return
    over = mechanism.properties.weights_over
    for size in SIZES:
        x = feature_map(size)
        weights = mechanism.weights(x)
        batch, channels = x.shape[:2]
        shapes = {"channels": (batch, channels), "positions": (batch, 1, *size), "both": (batch, channels, *size)}
        expected = shapes[over or "both"]
        require(weights.shape == expected, f"weights over {over} must be {expected}, got {tuple(weights.shape)}")
        message = "forward must equal combine(weights, x), else maps show what the model doesn't do"
        require_close(mechanism(x), mechanism.combine(weights, x), message)


def weights_keep_their_range_and_sum(factory: FeatureFactory) -> None:
    mechanism = as_weighing(build(factory))
    if mechanism is None:
        return
    properties = mechanism.properties
    for size in SIZES:
        weights = mechanism.weights(feature_map(size))
        require(bool((weights >= 0).all()), "a weight is negative")
        if properties.gates:
            require(
                bool((weights <= 1 + ROUNDING).all()), "a weight exceeds one, which properties deny: say gates=False"
            )
        if properties.weights_sum is not None:
            total = 1.0 if properties.weights_sum == "one" else float(size[0] * size[1])
            sums = weights.sum((2, 3))
            require_close(sums, torch.full_like(sums, total), f"an image's weights must sum to {total} over positions")


def weights_carry_a_gradient(factory: FeatureFactory) -> None:
    mechanism = as_weighing(build(factory))
    if mechanism is None:
        return
    x = feature_map(SIZES[0])
    (gradient,) = gradients(mechanism.weights(x), x)
    require(bool(gradient.isfinite().all()), "the weights have a gradient that isn't finite")
    require(bool(gradient.any()), "the weights carry no gradient: nothing could train what makes them")


def images_do_not_see_each_other(factory: FeatureFactory) -> None:
    mechanism = build(factory)
    for size in SIZES:
        x = feature_map(size)
        output = mechanism(x)
        message = "another image in the batch changes the result: something runs over the batch axis"
        require_close(mechanism(torch.cat([x[:1], 3 - 2 * x[1:]]))[:1], output[:1], message)
        require_close(mechanism(x[:1]), output[:1], message)
        (gradient,) = gradients(output[:1], x)
        require(bool((gradient[1:] == 0).all()), "an image's result has a gradient to another image of the batch")
        (gradient,) = gradients(_in_training(factory)(x)[:1], x)
        require(
            bool((gradient[1:] == 0).all()),
            "in training an image's result has a gradient to another image of the batch, and not by a BatchNorm",
        )


def _in_training(factory: FeatureFactory) -> nn.Module:
    """A mechanism in training, but for its batch norms, which models of images have: theirs mix a batch by design."""
    mechanism = as_module(build(factory)).train()
    for module in mechanism.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()
    return mechanism


def what_may_be_reordered_may(factory: FeatureFactory) -> None:
    mechanism = build(factory)
    what = mechanism.properties.equivariant_to
    if what is None:
        return
    for size in SIZES:
        x = feature_map(size)
        message = f"properties say equivariant_to={what!r}, but reordering the input doesn't reorder the output alike"
        require_close(mechanism(reordered(x, what)), reordered(mechanism(x), what), message)


def gradients_agree_with_differences(factory: FeatureFactory) -> None:
    mechanism = build(factory)
    if not mechanism.properties.smooth:
        return
    x = feature_map((3, 2))[:2].detach().requires_grad_()

    # gradcheck nudges the parameters in place, so the mechanism sees them without taking them.
    def forward(x: Tensor, *_: Tensor) -> Tensor:
        return mechanism(x)

    require_true_gradients(forward, (x, *as_module(mechanism).parameters()))


def bfloat16_stays_close(factory: FeatureFactory) -> None:
    mechanism, exact = build(factory, dtype=torch.bfloat16), build(factory, dtype=torch.float32)
    as_module(exact).load_state_dict(as_module(mechanism).state_dict())
    for size in SIZES:
        x = feature_map(size).detach().bfloat16()
        output = mechanism(x)
        require(output.dtype == torch.bfloat16, f"the output must be bfloat16 as the input, got {output.dtype}")
        require_near(output, exact(x.float()), "in bfloat16 the result strays from float32's")


def autocast_stays_close(factory: FeatureFactory) -> None:
    mechanism = build(factory, dtype=torch.float32)
    x = feature_map(SIZES[0]).detach().bfloat16()
    expected = mechanism(x.float())
    for given in (x, x.float()):  # a convolution hands on bfloat16, a norm float32
        with torch.autocast("cpu", dtype=torch.bfloat16):
            output = mechanism(given)
        require(output.dtype == given.dtype, f"under autocast {given.dtype} comes out as {output.dtype}")
        require_near(output, expected, "under autocast to bfloat16 the result strays from float32's")
        for name, parameter in as_module(mechanism).named_parameters():
            (gradient,) = gradients(output, parameter)
            require(bool(gradient.isfinite().all()), f"under autocast the gradient of {name} isn't finite")


def memory_layout_does_not_matter(factory: FeatureFactory) -> None:
    mechanism, x = build(factory), feature_map(SIZES[0])
    expected = mechanism(x)
    message = "the result depends on how the input lies in memory"
    require_close(mechanism(x.contiguous(memory_format=torch.channels_last)), expected, message)
    require_close(mechanism(x.mT.contiguous().mT), expected, message)


def every_parameter_is_trained(factory: FeatureFactory) -> None:
    mechanism = as_module(build(factory)).train()
    parameters = dict(mechanism.named_parameters())
    output: Tensor = mechanism(feature_map(SIZES[0]))
    found = (
        torch.autograd.grad(output.square().sum(), list(parameters.values()), allow_unused=True) if parameters else ()
    )
    for name, gradient in zip(parameters, found, strict=True):
        require(gradient is not None, f"{name} gets no gradient: distributed training would stop at it")


def every_tensor_is_registered(factory: FeatureFactory) -> None:
    for each in unregistered(as_module(build(factory))):
        raise AssertionError(each.said)


def evaluation_repeats_itself(factory: FeatureFactory) -> None:
    mechanism = build(factory)
    state = {name: tensor.clone() for name, tensor in as_module(mechanism).state_dict().items()}
    x = feature_map(SIZES[0])
    require(torch.equal(mechanism(x), mechanism(x)), "evaluation gives another result each time")
    for name, tensor in as_module(mechanism).state_dict().items():
        require(torch.equal(tensor, state[name]), f"evaluation changes {name}")


def a_saved_state_restores_everything(factory: FeatureFactory) -> None:
    saved, restored = build(factory), build(factory, seed=1)
    as_module(restored).load_state_dict(as_module(saved).state_dict())
    x = feature_map(SIZES[0])
    require_close(restored(x), saved(x), "a mechanism with a loaded state differs: something isn't saved")


def a_capture_sees_the_weights(factory: FeatureFactory) -> None:
    mechanism = as_weighing(build(factory))
    if mechanism is None:
        return
    x = feature_map(SIZES[0])
    with capture_feature_attention(nn.ModuleDict({"here": as_module(mechanism)})) as maps:
        mechanism(x)
    require("here" in maps, "forward doesn't call weights: a capture sees nothing")
    weights = mechanism.weights(x)
    shown = weights if weights.dim() == 2 else weights.mean(1, keepdim=True)
    require_close(maps["here"], shown.float(), "a capture shows other weights than those of the map", tolerance=1e-6)


CHECKS: tuple[Check, ...] = (
    shape_and_dtype_are_kept,
    forward_is_weights_combined,
    weights_keep_their_range_and_sum,
    weights_carry_a_gradient,
    images_do_not_see_each_other,
    what_may_be_reordered_may,
    gradients_agree_with_differences,
    bfloat16_stays_close,
    autocast_stays_close,
    memory_layout_does_not_matter,
    every_parameter_is_trained,
    every_tensor_is_registered,
    evaluation_repeats_itself,
    a_saved_state_restores_everything,
    a_capture_sees_the_weights,
)
