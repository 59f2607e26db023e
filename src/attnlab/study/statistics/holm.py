"""Several comparisons, none of which is to be false by chance."""

import numpy as np
from numpy.typing import ArrayLike

from attnlab.study.statistics.mean_squares import Array


def holm(p_values: ArrayLike) -> Array:
    """p values (..., k) of k comparisons, raised so that any false finding below alpha has probability alpha at most.

    In rising order: q_(i) = max_{j <= i} min(1, (k - j + 1) p_(j))        (Holm, 1979)
    What can't be tested stays in the family with a p value of 1.

    Raises:
        ValueError: one is no probability.
    """
    p = np.asarray(p_values, dtype=np.float64)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError(f"p values must lie in [0, 1], got {p}")
    order = np.argsort(p, -1)
    raised = np.take_along_axis(p, order, -1) * np.arange(p.shape[-1], 0, -1)
    raised = np.minimum(1, np.maximum.accumulate(raised, -1))
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, raised, -1)
    return adjusted
