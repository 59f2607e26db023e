"""What makes garments worse makes their scores worse, the more the stronger it is, by the bundled network."""

import itertools
from pathlib import Path

import pytest
import torch
from torchvision.transforms.functional import gaussian_blur

from attnlab.data import FashionMnistSmall
from attnlab.metrics import FashionMnistCNN
from attnlab.metrics.generation.scores import GenerationScores


@pytest.fixture(scope="module")
def garments() -> dict[str, dict[str, float]]:
    """Scores of variants of 1,000 training images against 1,000 others of the test set."""
    splits = FashionMnistSmall().read(root=None, cache_dir=Path())
    extractor = FashionMnistCNN()
    pictures, labels = splits["train"].images[:997], splits["train"].labels[:997]
    noise = torch.randn(pictures.shape, generator=torch.Generator().manual_seed(3))
    variants = {"real": (pictures, labels)}
    for strength in (10, 25, 60):
        noisy = (pictures + strength * noise).clamp(0, 255).to(torch.uint8)
        variants[f"noise {strength}"] = (noisy, labels)
    for radius in (0.6, 1.0, 2.0):
        variants[f"blur {radius}"] = (gaussian_blur(pictures, [9, 9], [radius, radius]), labels)
    for classes in (8, 5, 2):  # that are left
        kept = (labels < classes).nonzero().flatten()
        kept = kept[torch.arange(len(labels)) % len(kept)]
        variants[f"left {classes}"] = (pictures[kept], labels[kept])
    scores = GenerationScores(extractor, classes=extractor.classes)
    scores.update_real(splits["test"].images[:997])
    found = {}
    for name, (each, theirs) in variants.items():
        scores.update_generated(each, theirs)
        found[name] = {key: float(value) for key, value in scores.compute().items()}
        scores.reset()
    return found


def test_the_names_say_whose_features_they_are(garments: dict[str, dict[str, float]]) -> None:
    assert list(garments["real"]) == [
        "fid_fashion_mnist_cnn",
        "kid_fashion_mnist_cnn",
        "kid_fashion_mnist_cnn_error",
        "precision",
        "recall",
        "class_accuracy",
    ]


def test_real_against_real_is_near_zero(garments: dict[str, dict[str, float]]) -> None:
    real = garments["real"]
    assert 0 <= real["fid_fashion_mnist_cnn"] < 0.3 < 0.3 * garments["noise 10"]["fid_fashion_mnist_cnn"]
    assert abs(real["kid_fashion_mnist_cnn"]) < 3 * real["kid_fashion_mnist_cnn_error"] < 0.05
    assert min(real["precision"], real["recall"]) > 0.8
    assert real["class_accuracy"] > 0.93


@pytest.mark.parametrize("score", ["fid_fashion_mnist_cnn", "kid_fashion_mnist_cnn"])
@pytest.mark.parametrize(
    "variants",
    [
        ["real", "noise 10", "noise 25", "noise 60"],
        ["real", "blur 0.6", "blur 1.0", "blur 2.0"],
        ["real", "left 8", "left 5", "left 2"],
    ],
)
def test_noise_blur_and_dropped_modes_are_worse_the_stronger_they_are(
    garments: dict[str, dict[str, float]], variants: list[str], score: str
) -> None:
    values = [garments[each][score] for each in variants]
    for weaker, stronger in itertools.pairwise(values):
        assert stronger > weaker
    assert values[-1] > 5 * values[1]


def test_noise_and_blur_cost_precision_and_dropped_modes_recall_alone(garments: dict[str, dict[str, float]]) -> None:
    for kind in (["real", "noise 10", "noise 25", "noise 60"], ["real", "blur 0.6", "blur 1.0", "blur 2.0"]):
        precisions = [garments[each]["precision"] for each in kind]
        assert precisions == sorted(precisions, reverse=True)
        assert precisions[-1] < 0.7 * precisions[0]
    recalls = [garments[each]["recall"] for each in ("real", "left 8", "left 5", "left 2")]
    assert recalls == sorted(recalls, reverse=True)
    assert recalls[-1] < 0.3 * recalls[0]
    assert garments["left 2"]["precision"] > 0.8


def test_garments_that_cannot_be_made_out_cost_class_accuracy(garments: dict[str, dict[str, float]]) -> None:
    accuracies = [garments[each]["class_accuracy"] for each in ("real", "noise 10", "noise 25", "noise 60")]
    assert accuracies == sorted(accuracies, reverse=True)
    assert accuracies[-1] < 0.6
