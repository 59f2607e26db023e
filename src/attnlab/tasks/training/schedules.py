"""Learning-rate schedules: a factor on the optimizer's rate for each update."""

import math
from collections.abc import Callable

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from attnlab.errors import at_least


def warmup_cosine(optimizer: Optimizer, *, total_steps: int, warmup_steps: int, final_factor: float) -> LambdaLR:
    """Linear warm-up, then f + (1 - f) (1 + cos(pi t)) / 2 with t from 0 to 1 and f the `final_factor`."""
    if not 0 <= final_factor <= 1:
        raise ValueError(f"final_factor is a share from 0 to 1, got {final_factor} (set scheduler.final_factor)")

    def decay(step: int) -> float:
        progress = min(1.0, (step - warmup_steps) / max(1, total_steps - warmup_steps))
        return final_factor + (1 - final_factor) * 0.5 * (1 + math.cos(math.pi * progress))

    return _with_warmup(optimizer, warmup_steps, decay)


def warmup_inverse_sqrt(optimizer: Optimizer, *, total_steps: int, warmup_steps: int) -> LambdaLR:
    """min(s / w, sqrt(w / s)) at update s with warm-up w (Vaswani et al., 2017), so that the peak is 1.

    `total_steps` is not used: this schedule has no end.
    """
    peak = max(1, warmup_steps)
    return _with_warmup(optimizer, warmup_steps, lambda step: math.sqrt(peak / max(peak, step)))


def constant(optimizer: Optimizer, *, total_steps: int, warmup_steps: int) -> LambdaLR:
    """Linear warm-up, then 1. `total_steps` is not used: this schedule has no end."""
    return _with_warmup(optimizer, warmup_steps, lambda step: 1.0)


def _with_warmup(optimizer: Optimizer, warmup_steps: int, decay: Callable[[int], float]) -> LambdaLR:
    at_least(0, "scheduler", warmup_steps=warmup_steps)

    def factor(step: int) -> float:
        # The first update must already move: with s/w it would be lost to a rate of zero.
        return (step + 1) / warmup_steps if step < warmup_steps else decay(step)

    return LambdaLR(optimizer, factor)
