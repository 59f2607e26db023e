"""The bundled classifier is what its page says; a picture's features are its own, whatever is around."""

import hashlib
import re
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.data import FashionMnistSmall
from attnlab.errors import UserError
from attnlab.metrics import FashionMnistCNN
from attnlab.metrics.extractors.fashion_mnist_cnn import WEIGHTS

PAGE = WEIGHTS.with_suffix(".md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def extractor() -> FashionMnistCNN:
    return FashionMnistCNN()


@pytest.fixture(scope="module")
def test_images() -> tuple[Tensor, Tensor]:
    split = FashionMnistSmall().read(root=None, cache_dir=Path())["test"]
    return split.images, split.labels


def test_the_weights_are_those_that_the_page_describes(extractor: FashionMnistCNN) -> None:
    content = WEIGHTS.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    assert f"sha256 of `fashion_mnist_cnn.pt`: `{digest}`" in PAGE
    assert len(content) < 600_000
    stored = torch.load(WEIGHTS, weights_only=True)
    assert f"**{stored['accuracy']:.4f}**" in PAGE
    assert f"{sum(p.numel() for p in extractor._bundled.classifier.net.parameters()):,} parameters" in PAGE
    assert extractor.signature == f"fashion_mnist_cnn|sha256:{digest[:8]}|accuracy:{stored['accuracy']:.4f}|features:64"


def test_it_names_as_many_test_images_as_the_page_says(
    extractor: FashionMnistCNN, test_images: tuple[Tensor, Tensor]
) -> None:
    images, labels = test_images
    found = extractor.logits(extractor.features(images)).argmax(dim=1)
    accuracy = float((found == labels).double().mean())
    assert accuracy == pytest.approx(torch.load(WEIGHTS, weights_only=True)["accuracy"], abs=5e-4)
    assert accuracy >= 0.91
    for number, name in enumerate(extractor.classes):
        (said,) = re.findall(rf"^\| {name} \| (0\.\d+) \|$", PAGE, re.MULTILINE)
        assert float(said) == pytest.approx(float((found == labels)[labels == number].double().mean()), abs=0.003)


def test_a_pictures_features_do_not_depend_on_what_is_around(
    extractor: FashionMnistCNN, test_images: tuple[Tensor, Tensor]
) -> None:
    images = test_images[0][:263]
    together = extractor.features(images)
    assert together.shape == (263, 64)
    assert together.dtype == torch.float32
    assert not together.requires_grad
    torch.testing.assert_close(torch.cat([extractor.features(few) for few in images.split(7)]), together)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(extractor.features(images), together)
        assert torch.equal(extractor.logits(together), extractor.logits(extractor.features(images)))


def test_making_and_reading_it_draws_no_random_numbers() -> None:
    before = torch.get_rng_state()
    FashionMnistCNN().load()
    assert torch.equal(torch.get_rng_state(), before)


def test_it_is_no_module_whose_weights_a_task_would_train_or_store(extractor: FashionMnistCNN) -> None:
    task = nn.Module()
    task.extractor = extractor  # type: ignore[assignment]
    extractor.load()
    assert not task.state_dict()
    assert not list(task.parameters())


def test_colour_and_size_are_adapted(extractor: FashionMnistCNN, test_images: tuple[Tensor, Tensor]) -> None:
    images, labels = test_images[0][:101], test_images[1][:101]
    features = extractor.features(images)
    torch.testing.assert_close(extractor.features(images.expand(-1, 3, -1, -1)), features)
    large = F.interpolate(images.float(), size=(84, 56)).to(torch.uint8)
    found = extractor.logits(extractor.features(large)).argmax(dim=1)
    assert float((found == labels).double().mean()) > 0.8


def test_a_damaged_file_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cut.pt").write_bytes(WEIGHTS.read_bytes()[:1000])
    monkeypatch.setattr("attnlab.metrics.extractors.fashion_mnist_cnn.WEIGHTS", tmp_path / "cut.pt")
    with pytest.raises(UserError, match=r"this file is damaged, got .*cut.pt \(reinstall attnlab\)"):
        FashionMnistCNN().load()
