"""Runs with known differences, for tests of what is said of them."""

import numpy as np

from attnlab.study.statistics.verdict import ArmRuns

EXAMPLES = 60


def runs(
    name: str,
    mean: float,
    *,
    seeds: int = 5,
    deviation: float = 0.01,
    failed: int = 0,
    examples: int = EXAMPLES,
    residual: float = 0.05,
) -> ArmRuns:
    """Of an arm whose runs' scores have exactly this mean and deviation; examples are the same for all arms."""
    random = np.random.default_rng([seeds, *name.encode()])
    level = np.linspace(-1, 1, seeds) if seeds > 1 else np.zeros(1)
    if seeds > 1:
        level = level / level.std(ddof=1) * deviation
    left = residual * random.normal(size=(seeds, examples))
    left -= left.mean(-1, keepdims=True)
    shared = np.sin(np.arange(examples))
    return ArmRuns(name, tuple(range(seeds)), mean + level[:, None] + left + shared - shared.mean(), failed)


def distances(name: str, *values: float) -> ArmRuns:
    """Of an arm whose score knows no examples."""
    return ArmRuns(name, tuple(range(len(values))), np.asarray(values))
