"""What is too little for a verdict is told with how much it takes."""

import numpy as np
import pytest

from attnlab.errors import UserError
from attnlab.study.statistics.leave_one_out import LeftOut
from attnlab.study.statistics.too_few import TooFew, too_few_examples, too_few_images

PLENTY = LeftOut(0.5, np.full(10, 0.5))


def test_ten_are_enough() -> None:
    assert too_few_examples(PLENTY, gold=10) is None
    assert too_few_examples(PLENTY, gold=None) is None
    assert too_few_examples(PLENTY, gold=9) == TooFew("gold", 9, 10)
    assert too_few_examples(LeftOut(0.5, np.full(9, 0.5)), gold=None) == TooFew("examples", 9, 10)


@pytest.mark.parametrize("undefined", [float("nan"), float("inf")])
def test_an_undefined_score_is_none(undefined: float) -> None:
    without = np.full(10, 0.5)
    without[3] = undefined
    assert too_few_examples(LeftOut(0.5, without), gold=None) == TooFew("undefined")
    assert too_few_examples(LeftOut(undefined, PLENTY.without), gold=None) == TooFew("undefined")


def test_distances_of_few_images_or_features_say_nothing() -> None:
    assert too_few_images([10_000, 10_000], features=4) is None
    assert too_few_images([9_999, 9_999], features=64) == TooFew("images", 9_999, 10_000)
    assert too_few_images([10_000], features=3) == TooFew("features", 3, 4)
    with pytest.raises(UserError, match="as many images in every run, got 5000 to 10000"):
        too_few_images([10_000, 5_000], features=64)
