"""The Inception nets of published scores, if the user has their weights."""

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from attnlab.config import trusted_files
from attnlab.errors import UserError
from attnlab.metrics.extractors.contract import fitted
from attnlab.metrics.extractors.frozen_classifier import in_float32
from attnlab.models.weight_files import read_weights

AT_ONCE = 32  # pictures that go through together, each enlarged to
SIZE = 299  # pixels a side
RELEASES = "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0"


class Inception:
    """Inception v3 with the weights of 2015 by which FID and KID are published (Heusel et al., 2017; Szegedy et al.,
    2016): torch-fidelity's net and its file, 2,048 features; pictures are enlarged as TensorFlow did.

    Args:
        weights: weights-inception-2015-12-05-6726825d.pth; None: where torch keeps what it has downloaded.
    """

    name = "inception"
    file = "weights-inception-2015-12-05-6726825d.pth"

    def __init__(self, *, weights: str | None = None) -> None:
        self.weights = weights

    def load(self) -> None:
        """Read the weights, unless that is done.

        Raises:
            UserError: torch-fidelity isn't installed, or the file is missing or another.
        """
        _ = self._net

    @property
    def signature(self) -> str:
        return f"{self.name}|{self.file}|torch-fidelity:{version('torch-fidelity')}|features:2048"

    @property
    def classes(self) -> Sequence[str] | None:
        return None

    def features(self, pictures: Tensor) -> Tensor:
        """(B, 2048) of uint8 (B, C, H, W)."""
        return _in_portions(lambda few: self._net(few.expand(-1, 3, -1, -1))[0], self._net, pictures)

    def logits(self, features: Tensor) -> None:
        """It knows nobody's classes."""

    @cached_property
    def _net(self) -> nn.Module:
        try:
            from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
        except ImportError as error:
            raise UserError(
                "the extractor inception is torch-fidelity's, which isn't installed (pip install torch-fidelity, or "
                "set extractor=torchvision_inception)"
            ) from error
        path = _checked(self.weights, self.file, address=f"{RELEASES}/{self.file}")
        _weights(path)  # or torch-fidelity would run what a pickle says
        with torch.random.fork_rng(devices=[]):  # its layers draw weights first
            net: nn.Module = FeatureExtractorInceptionV3(
                "inception-v3-compat", ["2048"], feature_extractor_weights_path=str(path)
            )
        return net.eval()


class TorchvisionInception:
    """Inception v3 as torchvision trained it (Szegedy et al., 2016), 2,048 features: other numbers than `Inception`'s.

    Pictures are enlarged by bilinear interpolation.

    Args:
        weights: inception_v3_google-0cc3c7bd.pth; None: where torch keeps what it has downloaded.
    """

    name = "torchvision_inception"
    file = "inception_v3_google-0cc3c7bd.pth"

    def __init__(self, *, weights: str | None = None) -> None:
        self.weights = weights

    def load(self) -> None:
        """Read the weights, unless that is done.

        Raises:
            UserError: the file is missing or another.
        """
        _ = self._net

    @property
    def signature(self) -> str:
        return f"{self.name}|{self.file}|torchvision:{version('torchvision')}|features:2048"

    @property
    def classes(self) -> Sequence[str] | None:
        return None

    def features(self, pictures: Tensor) -> Tensor:
        """(B, 2048) of uint8 (B, C, H, W)."""

        def run(few: Tensor) -> Tensor:
            features: Tensor = self._net(fitted(few, channels=3, height=SIZE, width=SIZE) / 127.5 - 1)
            return features

        return _in_portions(run, self._net, pictures)

    def logits(self, features: Tensor) -> None:
        """It knows nobody's classes."""

    @cached_property
    def _net(self) -> nn.Module:
        from torchvision.models import inception_v3  # slow to import

        path = _checked(self.weights, self.file, address=f"https://download.pytorch.org/models/{self.file}")
        with torch.device("meta"):  # which draws no random numbers
            net: nn.Module = inception_v3(weights=None, init_weights=False, transform_input=False)
        net.load_state_dict(_weights(path), assign=True)
        net.fc = nn.Identity()
        return net.eval().requires_grad_(False)


def _in_portions(function: Callable[[Tensor], Tensor], net: nn.Module, pictures: Tensor) -> Tensor:
    net.to(pictures.device)
    portions: list[Any] = [in_float32(function, few) for few in torch.split(pictures, AT_ONCE)]
    return torch.cat(portions)


def _weights(path: Path) -> dict[str, Tensor]:
    return read_weights(path, key="extractor.weights")


def _checked(weights: str | None, file: str, *, address: str) -> Path:
    """The file, if it is the one whose sha256 begins as its name says: another one would give other scores."""
    path = Path(torch.hub.get_dir(), "checkpoints", file) if weights is None else Path(weights).expanduser()
    if not path.is_file():
        raise UserError(f"no such file, got {path} (fetch {address} and set extractor.weights, or put it there)")
    with path.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    wanted = file.removesuffix(".pth").rpartition("-")[2]
    if not found.startswith(wanted):
        raise UserError(f"{file} has a sha256 of {wanted}..., got {found[:8]}... of {path} (set extractor.weights)")
    trusted_files.check_file(path)  # so few digits can be met by another file
    return path
