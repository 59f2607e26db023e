"""Feature extractors: the bundled one is what its page says; a picture's features are its own, whatever is around."""

import hashlib
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import Tensor, nn

from attnlab.config import compose
from attnlab.data import FashionMnistSmall, ImageCodec
from attnlab.errors import UserError
from attnlab.metrics import FashionMnistCNN, Inception, TorchvisionInception
from attnlab.metrics.extractors.contract import fitted
from attnlab.metrics.extractors.fashion_mnist_cnn import WEIGHTS
from attnlab.metrics.extractors.frozen_classifier import FrozenClassifier
from attnlab.runs import build, checkpoint
from attnlab.runs.instantiation import call, instantiate

PAGE = WEIGHTS.with_suffix(".md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def extractor() -> FashionMnistCNN:
    return FashionMnistCNN()


@pytest.fixture(scope="module")
def test_images() -> tuple[Tensor, Tensor]:
    split = FashionMnistSmall().read(root=None, cache_dir=Path())["test"]
    return split.images, split.labels


# The bundled classifier


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


def test_a_damaged_file_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cut.pt").write_bytes(WEIGHTS.read_bytes()[:1000])
    monkeypatch.setattr("attnlab.metrics.extractors.fashion_mnist_cnn.WEIGHTS", tmp_path / "cut.pt")
    with pytest.raises(UserError, match=r"this file is damaged, got .*cut.pt \(reinstall attnlab\)"):
        FashionMnistCNN().load()


# Any classifier


@pytest.mark.parametrize(
    "model", ["attention_image_classification", "axial_resnet", "resnet", "torchvision_resnet", "vit"]
)
def test_features_are_what_the_last_layer_of_any_classifier_reads(model: str) -> None:
    config = build.plain(compose.compose_run(["task=image_classification", f"model={model}"]))
    sizes = {"num_classes": 7, "in_channels": 3, "height": 16, "width": 16}
    torch.manual_seed(3)
    net = call(instantiate(config["model"], "model"), "model", **sizes)
    classes = [str(number) for number in range(7)]
    codec = ImageCodec(classes=classes, channels=3, height=16, width=16, mean=[0.5, 0.4, 0.3], std=[0.2, 0.3, 0.4])
    classifier = FrozenClassifier(net, codec)
    pictures = torch.randint(0, 256, (5, 3, 16, 16), dtype=torch.uint8)
    features = classifier.features(pictures)
    assert features.shape == (5, classifier.head.in_features)
    torch.testing.assert_close(classifier.logits(features), net(codec.normalise(pictures)))


def test_a_net_that_ends_otherwise_is_refused() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(35, 3), nn.Softmax(dim=1))
    codec = ImageCodec(classes=["a", "b", "c"], channels=1, height=7, width=5, mean=[0.5], std=[0.2])
    with pytest.raises(ValueError, match="Sequential doesn't end in a linear layer"):
        FrozenClassifier(net, codec)
    with pytest.raises(ValueError, match="Flatten doesn't end in a linear layer"):
        FrozenClassifier(nn.Flatten(), codec)


# Inception


class _Tiny(nn.Module):
    """Stands for an Inception net."""

    def __init__(self, *arguments: Any, feature_extractor_weights_path: str | None = None, **more: Any) -> None:
        super().__init__()
        self.fc = nn.Linear(2048, 10)
        self.scale = nn.Parameter(torch.randn(3))
        if feature_extractor_weights_path is not None:
            self.load_state_dict(torch.load(feature_extractor_weights_path, weights_only=True))

    def read(self, pictures: Tensor) -> Tensor:
        return (pictures.float().mean((2, 3)) * self.scale).repeat(1, 683)[:, :2048]


class _TorchFidelitys(_Tiny):
    def forward(self, pictures: Tensor) -> tuple[Tensor]:
        assert pictures.dtype == torch.uint8
        assert pictures.size(1) == 3
        return (self.read(pictures),)


class _Torchvisions(_Tiny):
    def forward(self, images: Tensor) -> Tensor:
        assert images.shape[1:] == (3, 299, 299)
        assert -1 <= images.min() < images.max() <= 1
        features: Tensor = self.fc(self.read(images))
        return features


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Random ones, in a file named after its own sha256."""
    torch.save(_Tiny().state_dict(), tmp_path / "weights.pth")
    digest = hashlib.sha256((tmp_path / "weights.pth").read_bytes()).hexdigest()
    return (tmp_path / "weights.pth").rename(tmp_path / f"net-{digest[:8]}.pth")


@pytest.mark.parametrize("kind, net", [(Inception, _TorchFidelitys), (TorchvisionInception, _Torchvisions)])
def test_an_inception_reads_its_own_file_alone(
    kind: Any, net: type[_Tiny], weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("torch_fidelity.feature_extractor_inceptionv3")
    module.FeatureExtractorInceptionV3 = net  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch_fidelity", ModuleType("torch_fidelity"))
    monkeypatch.setitem(sys.modules, "torch_fidelity.feature_extractor_inceptionv3", module)
    monkeypatch.setattr(torchvision.models, "inception_v3", net)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    with pytest.raises(UserError, match=rf"no such file, got .*home.*{kind.file} \(fetch https://.*{kind.file}"):
        kind().load()
    with pytest.raises(UserError, match=r"has a sha256 of .{8}..., got .*net-.*pth \(set extractor.weights\)"):
        kind(weights=str(weights)).load()
    monkeypatch.setattr(kind, "file", weights.name)
    pictures = torch.randint(0, 256, (33, 1, 28, 28), dtype=torch.uint8)
    before = torch.get_rng_state()
    extractor = kind(weights=str(weights))
    features = extractor.features(pictures)
    assert torch.equal(torch.get_rng_state(), before)
    assert features.shape == (33, 2048)
    assert not features.requires_grad
    assert extractor.logits(features) is None
    assert extractor.classes is None
    monkeypatch.setattr("attnlab.metrics.extractors.inception.version", lambda library: f"version of {library}")
    library = "torch-fidelity" if kind is Inception else "torchvision"
    assert extractor.signature == f"{kind.name}|{weights.name}|{library}:version of {library}|features:2048"
    (tmp_path / "home/hub/checkpoints").mkdir(parents=True)
    weights.rename(tmp_path / "home/hub/checkpoints" / weights.name)
    assert torch.equal(kind().features(pictures), features)


def test_without_torch_fidelity_its_inception_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    with pytest.raises(UserError, match=r"isn't installed \(pip install torch-fidelity, or set extractor=torchvision"):
        Inception().load()


def test_only_the_weights_of_published_scores_are_called_inception() -> None:
    assert [Inception.name, TorchvisionInception.name] == ["inception", "torchvision_inception"]
    assert Inception.file == "weights-inception-2015-12-05-6726825d.pth"


@pytest.mark.parametrize(
    "target",
    [f"attnlab.metrics.{kind.__name__}" for kind in (FashionMnistCNN, Inception, TorchvisionInception)]
    + ["attnlab.runs.trained_classifier.TrainedClassifier"],
)
def test_a_checkpoint_may_name_an_extractor(target: str) -> None:
    checkpoint.check_targets({"task": {"extractor": {"_target_": target}}})
