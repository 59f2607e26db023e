"""A user's own classifier, in whose features generated pictures are compared."""

import hashlib
import re
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor

from attnlab.data.images.codec import ImageCodec
from attnlab.errors import UserError
from attnlab.metrics.extractors.frozen_classifier import FrozenClassifier
from attnlab.models.classifiers.predictor import ClassifyingPredictor
from attnlab.runs import build, checkpoint

TAKEN = ("fashion_mnist_cnn", "inception", "torchvision_inception")


class _Restored(NamedTuple):
    classifier: FrozenClassifier
    signature: str


class TrainedClassifier:
    """Any image classifier of this project's; features are what its last layer reads.

    For `resnet`, `axial_resnet` and `torchvision_resnet` these are the last map's means, for `vit` the class token or
    the patches' mean, for `attention_image_classification` what the query gathered.

    Args:
        run: the run's folder, or a checkpoint.
        name: after which scores are named.

    Raises:
        ValueError: a name that isn't in snake case, or means another extractor.
    """

    def __init__(self, *, run: str, name: str) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name in TAKEN:
            raise ValueError(
                f"name must be in lower case, with digits and _, and none of {', '.join(TAKEN)}, got {name!r} "
                "(set extractor.name)"
            )
        self.run, self.name = run, name

    def load(self) -> None:
        """Read the weights, unless that is done.

        Raises:
            UserError: there is no such run, or it trained no image classifier.
        """
        _ = self._restored

    @property
    def signature(self) -> str:
        return self._restored.signature

    @property
    def classes(self) -> Sequence[str]:
        return self._restored.classifier.codec.classes

    def features(self, pictures: Tensor) -> Tensor:
        """(B, F) of uint8 (B, C, H, W)."""
        return self._restored.classifier.features(pictures)

    def logits(self, features: Tensor) -> Tensor:
        """(B, K) of features (B, F)."""
        return self._restored.classifier.logits(features)

    @cached_property
    def _restored(self) -> _Restored:
        try:
            path = checkpoint.find(self.run)
        except UserError as error:
            raise UserError(f"{error} (set extractor.run)") from error
        with torch.random.fork_rng(devices=[]), torch.device("cpu"):  # a new net draws weights first
            config, predictor = build.restore_predictor(path)
        if not isinstance(predictor, ClassifyingPredictor) or not isinstance(predictor.codec, ImageCodec):
            raise UserError(f"this run trained no image classifier, got {self.run} (set extractor.run)")
        try:
            classifier = FrozenClassifier(predictor.modules["model"], predictor.codec)
        except ValueError as error:
            raise UserError(f"{error}, got {self.run} (set extractor.run)") from error
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
        return _Restored(classifier, f"{self.name}|{config['run_path']}|sha256:{digest}")
