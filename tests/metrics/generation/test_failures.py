"""Planted failures are told from samples that are merely not good yet, on real garments."""

from collections.abc import Callable
from functools import cache
from math import nan
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from attnlab.data.classification.sets import FashionMnistSmall, LabelledImages
from attnlab.metrics import FashionMnistCNN
from attnlab.metrics.generation.failures import (
    NEARLY_ALL,
    class_counts,
    collapse,
    mean_difference,
    missing_classes,
    saturation,
)
from attnlab.metrics.generation.manifolds import precision_and_recall

NUM = 256  # as the callback looks at; a few times as many for precision and recall, which are of validation's


@cache
def _garments() -> dict[str, LabelledImages]:
    return FashionMnistSmall().read(root=None, cache_dir=Path("unused"))


def _some(split: str, num: int, classes: range = range(10)) -> Tensor:
    images, labels, _ = _garments()[split]
    rows = torch.isin(labels, torch.tensor(classes)).nonzero().squeeze(1)
    return images[rows[torch.randperm(len(rows), generator=torch.Generator().manual_seed(3))[:num]]]


def _blurred(pictures: Tensor, size: int) -> Tensor:
    return F.avg_pool2d(pictures.float(), size, 1, size // 2).round().byte()


def _noisy(pictures: Tensor, strength: float) -> Tensor:
    noise = torch.randn(pictures.shape, generator=torch.Generator().manual_seed(5))
    return (pictures + 255 * strength * noise).round().clamp(0, 255).byte()


def _modes(num: int) -> Tensor:
    """Real test images, so many of them over and over, not quite the same each time."""
    return _noisy(_some("test", num).repeat(4 * NUM // num + 1, 1, 1, 1)[: 4 * NUM], 0.02)


@cache
def _extractor() -> FashionMnistCNN:
    return FashionMnistCNN()


def _features(pictures: Tensor) -> Tensor:
    return _extractor().features(pictures).double()


@cache
def _real(classes: range) -> tuple[Tensor, Tensor, Tensor]:
    pictures = _some("train", 4 * NUM, classes)
    counts = class_counts(_extractor(), pictures[:NUM])
    assert counts is not None
    return pictures, _features(pictures), counts


def _said(samples: Tensor, classes: range = range(10)) -> str | None:
    """What is said of 1,024 samples, of which 256 are looked at one by one, where the data has these classes."""
    real, real_features, real_counts = _real(classes)
    difference = mean_difference(samples[:NUM]) / mean_difference(real[:NUM])
    precision, recall = precision_and_recall(real_features, _features(samples), num_neighbours=3)
    counts = class_counts(_extractor(), samples[:NUM])
    assert counts is not None
    missing = missing_classes(real_counts, counts)
    return collapse(difference, float(precision), float(recall), missing)


@pytest.mark.parametrize(
    "samples, said",
    [
        (lambda: _noisy(_some("test", 1).expand(4 * NUM, -1, -1, -1), 0.05), "samples differ from each other by "),
        (lambda: torch.full((4 * NUM, 1, 28, 28), 128, dtype=torch.uint8), "samples differ from each other by 0% "),
        (lambda: _modes(3), "of samples look real, but they cover "),
        (lambda: _modes(30), "of samples look real, but they cover "),
        (lambda: _modes(100), "of samples look real, but they cover "),
        (lambda: _some("test", 4 * NUM, range(1, 2)), "of samples look real, but "),  # trousers
        (lambda: _some("test", 4 * NUM, range(8, 9)), "of samples look real, but "),  # bags, the most varied class
    ],
)
def test_a_collapse_is_named(samples: Callable[[], Tensor], said: str) -> None:
    found = _said(samples())  # type: ignore[operator]
    assert found is not None
    assert said in found


@pytest.mark.parametrize(
    "samples",
    [
        lambda: _some("test", 4 * NUM),
        lambda: _blurred(_some("test", 4 * NUM), 3),
        lambda: _blurred(_some("test", 4 * NUM), 9),
        lambda: _noisy(_some("test", 4 * NUM), 0.1),
        lambda: _noisy(_some("test", 4 * NUM), 0.5),
        lambda: torch.randint(0, 256, (4 * NUM, 1, 28, 28), generator=torch.Generator().manual_seed(1)).byte(),
        lambda: _some("test", 4 * NUM, range(7)),
    ],
)
def test_samples_that_are_bad_in_another_way_are_no_collapse(samples: Callable[[], Tensor]) -> None:
    assert _said(samples()) is None


@pytest.mark.parametrize("classes", [range(1, 2), range(1, 4), range(8, 9)])
def test_classes_that_the_data_hasnt_arent_missed(classes: range) -> None:
    samples = _some("test", 4 * NUM, classes)
    assert _said(samples, classes) is None
    assert _said(samples) is not None


def test_one_of_two_classes_is_missed() -> None:
    found = _said(_some("test", 4 * NUM, range(1, 2)), range(1, 3))
    assert found is not None
    assert found.endswith("samples look real, but 1 of 2 classes are missing")


def test_without_other_scores_the_differences_alone_speak() -> None:
    assert collapse(0.39, nan, nan, None) == "samples differ from each other by 39% of what real images do"
    assert collapse(0.41, nan, nan, None) is None
    assert collapse(1.0, 0.9, 0.05, None) == "90% of samples look real, but they cover 5.0% of real images"
    assert collapse(1.0, 0.4, 0.0, (9, 10)) is None
    assert collapse(1.0, 0.9, 0.2, (5, 10)) == "90% of samples look real, but 5 of 10 classes are missing"
    assert collapse(1.0, 0.9, 0.2, (4, 10)) is None


def test_classes_are_missed_only_where_there_are_real_images_enough() -> None:
    counts = torch.tensor([11, 30, 59, 0])
    assert missing_classes(counts, 3 * counts) == (0, 3)
    assert missing_classes(counts, torch.tensor([0, 5, 90, 5])) == (1, 3)
    assert missing_classes(counts, torch.tensor([1, 2, 97, 0])) == (2, 3), "a tenth of 11 is more than 1"
    assert missing_classes(torch.tensor([9] * 10 + [11]), counts) is None


@pytest.mark.parametrize("real, generated", [(0.98, 1.0), (1.0, 0.98), (0.5, 0.5), (1.0, 0.0), (nan, 1.0)])
def test_a_discriminator_that_errs_is_not_saturated(real: float, generated: float) -> None:
    assert saturation(real, generated) is None


def test_a_discriminator_that_is_always_right_is() -> None:
    assert saturation(0.995, 1.0) == "the discriminator judges 99.5% of real and 100.0% of generated images right"


def test_the_bounds_of_saturation_are_shares_that_count() -> None:
    assert saturation(NEARLY_ALL, NEARLY_ALL) is not None
