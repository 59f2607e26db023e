"""Batches straight from image files: the parts of pictures that they show."""

import numpy as np

from attnlab.data.classification.reader import random_box


def test_a_random_box_lies_within_and_has_the_area_and_aspect_asked_for() -> None:
    random = np.random.default_rng(5)
    shares = []
    for _ in range(500):
        left, top, right, bottom = random_box((31, 23), min_share=0.3, random=random)
        assert 0 <= left < right <= 31 + 1e-9
        assert 0 <= top < bottom <= 23 + 1e-9
        shares.append((right - left) * (bottom - top) / (31 * 23))
        assert 3 / 4 - 1e-9 <= (right - left) / (bottom - top) <= 4 / 3 + 1e-9 or shares[-1] == 1
    assert min(shares) >= 0.3 - 1e-9
    assert max(shares) > 0.9
    assert random_box((1000, 1), min_share=0.9, random=random) == (0, 0, 1000, 1)  # nothing else fits
