"""Looks at a study's results on its way, planned before it runs."""

from collections.abc import Sequence
from typing import Final

from attnlab.errors import UserError

ALPHA: Final = 0.05
# Alphas add up to 0.05 at most: whichever look finds something false, all looks together do so that often at most.
LOOKS: Final[dict[tuple[int, ...], tuple[float, ...]]] = {
    (5, 10): (0.01, 0.04),
    (5, 10, 20): (0.01, 0.015, 0.025),
}


def alpha_at(looks: Sequence[int], *, seeds: int) -> float:
    """The alpha at which a study is judged with so many seeds; 0.05 where no looks were planned.

    Looking whenever seeds were added, until something is found, finds .14 to .20 where nothing is.

    Raises:
        UserError: there is no such plan of looks, or none at so many seeds.
    """
    if not looks:
        return ALPHA
    alphas = LOOKS.get(tuple(looks))
    if alphas is None:
        known = " or ".join(str(list(each)) for each in LOOKS)
        raise UserError(f"looks must be {known}, got {list(looks)} (set looks)")
    if seeds not in looks:
        raise UserError(f"a study is judged at the seeds of its looks, {list(looks)}, got {seeds} (set seeds or looks)")
    return alphas[list(looks).index(seeds)]
