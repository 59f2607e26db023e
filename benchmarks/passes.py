"""A forward and a backward pass, to be measured."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks import memory, timing
from benchmarks.runner import Measures


class Pass:
    """`call`, and the way back from its output, whose gradient is fixed, to the `leaves`."""

    def __init__(self, call: Callable[[], Tensor], *, leaves: Sequence[Tensor], output_gradient: Tensor) -> None:
        self.call = call
        self.leaves = leaves
        self.output_gradient = output_gradient

    def __call__(self) -> Tensor:
        for leaf in self.leaves:
            leaf.grad = None
        output = self.call()
        output.backward(self.output_gradient)
        return output

    def results(self) -> list[NDArray[np.floating]]:
        """The output and all gradients; a leaf that isn't used has zeros."""
        output = self()
        gradients = [torch.zeros_like(leaf) if leaf.grad is None else leaf.grad for leaf in self.leaves]
        return [x.detach().numpy() for x in (output, *gradients)]

    def seconds(self) -> Measures:
        return timing.time_calls(self)

    def peak(self) -> Measures:
        return {"bytes": memory.peak_bytes(self)}
