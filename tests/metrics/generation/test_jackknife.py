"""The Fréchet distance without its bias."""

import pytest
import torch

from attnlab.metrics.generation.jackknife import FEWEST, jackknifed_distance
from attnlab.metrics.generation.scores import frechet_distance


def _points(num: int, seed: int, *, moved: float = 0.0) -> torch.Tensor:
    draw = torch.Generator().manual_seed(seed)
    points = torch.randn(num, 7, generator=draw, dtype=torch.float64)
    points[:, 0] += moved
    return points


def test_without_a_block_it_is_the_distance_of_the_others() -> None:
    real, generated = _points(61, 1), _points(43, 2)
    found = jackknifed_distance(real, generated)
    first = -(-len(generated) // 10)
    assert found["without_block"][0] == pytest.approx(float(frechet_distance(real, generated[first:])), abs=1e-9)
    whole = float(frechet_distance(real, generated))
    assert found["jackknifed"] == pytest.approx(10 * whole - 9 * sum(found["without_block"]) / 10, abs=1e-8)


def test_it_takes_away_the_bias_of_few_generated_pictures() -> None:
    real = _points(20_000, 3)
    plain, jackknifed = [], []
    for seed in range(20):
        generated = _points(100, 10 + seed, moved=0.5)
        plain.append(float(frechet_distance(real, generated)))
        jackknifed.append(jackknifed_distance(real, generated)["jackknifed"])
    exact = 0.25  # of the means alone
    assert sum(plain) / 20 > exact + 0.1
    assert abs(sum(jackknifed) / 20 - exact) < 0.06


def test_of_too_few_there_is_none_and_one_feature_is_enough() -> None:
    assert jackknifed_distance(_points(61, 1), _points(FEWEST - 1, 2)) == {}
    assert jackknifed_distance(_points(61, 1)[:, :1], _points(61, 2)[:, :1])["jackknifed"] < 0.2
