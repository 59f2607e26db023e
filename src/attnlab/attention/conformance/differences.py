"""Gradients held to finite differences; how far they part is told by the worst number, not by whole matrices."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.autograd.gradcheck import GradcheckError, gradcheck

from attnlab.attention.conformance.inputs import gradients

STEP, ABSOLUTE, RELATIVE = 1e-6, 1e-5, 1e-3  # those of gradcheck
LOOKED_AT = 64  # numbers of an input, evenly spread: a failure needs an example, not all of them


def require_true_gradients(function: Callable[..., Tensor], inputs: Sequence[Tensor]) -> None:
    """Raise AssertionError where the gradients of `function(*inputs)`, in float64, aren't those of small steps."""
    try:
        gradcheck(function, tuple(inputs), fast_mode=True)
    except GradcheckError as error:
        apart, allowed = _worst(function, inputs)
        far = f"largest difference {apart:.2g}, allowed {allowed:.2g}"
        # What isn't a difference, as a backward pass that doesn't repeat itself, torch says in its first sentence.
        said = str(error).splitlines()[0].partition(". ")[0] if apart <= allowed else far
        raise AssertionError(f"gradients disagree with finite differences, or say smooth=False ({said})") from error


def _worst(function: Callable[..., Tensor], inputs: Sequence[Tensor]) -> tuple[float, float]:
    """How far the gradient of a random projection is from a difference quotient where it is furthest, and may be."""
    output = function(*inputs).detach()
    projection = torch.randn(output.shape, dtype=output.dtype, generator=torch.Generator().manual_seed(2))

    def projected() -> float:
        return float((function(*inputs).detach() * projection).sum())

    found = []
    for each, gradient in zip(inputs, gradients(function(*inputs), *inputs), strict=True):
        own = each.detach()  # of the same memory
        for number in range(0, own.numel(), -(-own.numel() // LOOKED_AT)):
            place = torch.unravel_index(torch.tensor(number), own.shape)
            kept = own[place].clone()
            own[place] = kept + STEP
            above = projected()
            own[place] = kept - STEP
            difference = (above - projected()) / (2 * STEP)
            own[place] = kept
            found.append((abs(float(gradient[place]) - difference), ABSOLUTE + RELATIVE * abs(difference)))
    return max(found, key=lambda pair: pair[0] - pair[1])
