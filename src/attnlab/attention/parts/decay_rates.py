"""Where decays by steps begin, log w = -A softplus(x + b): half-lives from less than a step to hundreds."""

import math

import torch
from torch import Tensor

LEAST_RATE, MOST_RATE = 1.0, 16.0  # A
LEAST_STEP, MOST_STEP = 1e-3, 0.1  # softplus(b)


def log_rates(num_heads: int) -> Tensor:
    """log A (H, 1, 1), A evenly spaced."""
    return torch.linspace(LEAST_RATE, MOST_RATE, num_heads).log().view(-1, 1, 1)


def step_biases(number: int) -> Tensor:
    """b (number, 1, 1), of which softplus makes steps spaced evenly in their logarithm."""
    steps = torch.logspace(math.log10(LEAST_STEP), math.log10(MOST_STEP), number)
    return (steps + torch.log(-torch.expm1(-steps))).view(-1, 1, 1)
