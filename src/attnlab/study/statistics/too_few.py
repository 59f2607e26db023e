"""Where scores are too few, or too strange, for any verdict."""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import numpy as np

from attnlab.errors import UserError
from attnlab.study.statistics.leave_one_out import LeftOut

LEAST_EXAMPLES: Final = 10  # and entities or boxes that are there to be found
LEAST_IMAGES: Final = 10_000
LEAST_FEATURES: Final = 4

Lack = Literal["gold", "examples", "undefined", "seeds", "variation", "images", "features"]


class TooFew(NamedTuple):
    """What there is too little of: how many there were, and how many it takes.

    gold: entities or boxes to be found. examples: of the test, clusters if there are any. undefined: the score has no
    value without one of the examples. seeds: runs that finished, of an arm. variation: no score differs from another.
    images, features: of a distance between distributions, FID or KID.
    """

    lack: Lack
    got: int = 0
    needed: int = 0


def too_few_examples(left_out: LeftOut, *, gold: int | None) -> TooFew | None:
    """Why a run's values by example say nothing, if they don't; `gold` is none for scores that look for nothing."""
    examples = len(left_out.without)
    if gold is not None and gold < LEAST_EXAMPLES:
        return TooFew("gold", gold, LEAST_EXAMPLES)
    if examples < LEAST_EXAMPLES:
        return TooFew("examples", examples, LEAST_EXAMPLES)
    if not np.isfinite(left_out.score) or not np.isfinite(left_out.without).all():
        return TooFew("undefined")
    return None


def too_few_images(images: Sequence[int], *, features: int) -> TooFew | None:
    """Why the FIDs or KIDs of runs, each of so many images and all of so many features, say nothing, if they don't.

    Raises:
        UserError: runs have other numbers of images: their scores differ by that alone.
    """
    if len(set(images)) > 1:
        raise UserError(
            f"FID and KID must be of as many images in every run, got {min(images)} to {max(images)}"
            " (set task.num_samples)"
        )
    if images[0] < LEAST_IMAGES:
        return TooFew("images", images[0], LEAST_IMAGES)
    if features < LEAST_FEATURES:
        return TooFew("features", features, LEAST_FEATURES)
    return None
