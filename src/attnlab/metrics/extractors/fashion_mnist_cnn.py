"""The bundled classifier of garments, in whose features generated ones are compared."""

import hashlib
import io
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from attnlab.data.images.codec import ImageCodec
from attnlab.errors import UserError
from attnlab.feature_attention import NoneFeatureAttention
from attnlab.metrics.extractors.frozen_classifier import FrozenClassifier
from attnlab.models.classifiers.resnet import ResNet

WEIGHTS = Path(__file__).parents[1] / "bundled" / "fashion_mnist_cnn.pt"


class _Bundled(NamedTuple):
    classifier: FrozenClassifier
    signature: str


class FashionMnistCNN:
    """A small residual net that this project trained on Fashion-MNIST; it needs no network and is always the same.

    Features are its last map's means. `bundled/fashion_mnist_cnn.md` says how it was trained and what it can do.
    """

    name = "fashion_mnist_cnn"

    def load(self) -> None:
        """Read the weights, unless that is done.

        Raises:
            UserError: the installed file is damaged.
        """
        _ = self._bundled

    @property
    def signature(self) -> str:
        return self._bundled.signature

    @property
    def classes(self) -> Sequence[str]:
        return self._bundled.classifier.codec.classes

    def features(self, pictures: Tensor) -> Tensor:
        """(B, 64) of uint8 (B, C, H, W)."""
        return self._bundled.classifier.features(pictures)

    def logits(self, features: Tensor) -> Tensor:
        """(B, 10) of features (B, 64)."""
        return self._bundled.classifier.logits(features)

    @cached_property
    def _bundled(self) -> _Bundled:
        content = WEIGHTS.read_bytes()
        try:
            stored = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        except Exception as error:  # of a damaged file, almost anything
            raise UserError(f"this file is damaged, got {WEIGHTS} (reinstall attnlab)") from error
        codec = ImageCodec(**stored["codec"])
        with torch.device("meta"):  # which draws no random numbers
            net = ResNet(**codec.sizes, **stored["sizes"], feature_attention=NoneFeatureAttention)
        net.load_state_dict(stored["weights"], assign=True)
        digest = hashlib.sha256(content).hexdigest()[:8]
        return _Bundled(
            FrozenClassifier(net, codec),
            f"{self.name}|sha256:{digest}|accuracy:{stored['accuracy']:.4f}|features:{net.classifier.in_features}",
        )
