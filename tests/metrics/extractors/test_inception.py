"""Inception nets read their own weights alone, and are called what they are."""

import hashlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
import torchvision
from torch import Tensor, nn

from attnlab.errors import UserError
from attnlab.metrics import Inception, TorchvisionInception


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
