"""Feature extractors: what all take, and that a checkpoint may name them."""

import pytest
import torch

from attnlab.metrics import FashionMnistCNN, Inception, TorchvisionInception
from attnlab.metrics.extractors.contract import fitted
from attnlab.runs import allowed


@pytest.fixture(scope="module")
def extractor() -> FashionMnistCNN:
    return FashionMnistCNN()


def test_pictures_are_fitted_as_pillow_would() -> None:
    from PIL import Image

    from attnlab.data.images.reading import as_tensor

    draw = torch.Generator().manual_seed(1)
    picture = torch.randint(0, 256, (3, 31, 37), generator=draw, dtype=torch.uint8)
    image = Image.fromarray(picture.permute(1, 2, 0).numpy())
    grey = fitted(picture[None], channels=1, height=31, width=37)[0]
    assert (grey - as_tensor(image.convert("L")).float()).abs().max() <= 1
    small = fitted(picture[None], channels=3, height=13, width=17)[0]
    assert (small - as_tensor(image.resize((17, 13), Image.Resampling.BILINEAR)).float()).abs().max() <= 1.01


@pytest.mark.parametrize(
    "target",
    [f"attnlab.metrics.{kind.__name__}" for kind in (FashionMnistCNN, Inception, TorchvisionInception)]
    + ["attnlab.runs.trained_classifier.TrainedClassifier"],
)
def test_a_checkpoint_may_name_an_extractor(target: str) -> None:
    allowed.check_targets({"task": {"extractor": {"_target_": target}}})
