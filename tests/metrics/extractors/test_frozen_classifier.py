"""Any classifier as a feature extractor: what its last layer reads."""

import pytest
import torch
from torch import nn

from attnlab.config import compose
from attnlab.data import ImageCodec
from attnlab.metrics.extractors.frozen_classifier import FrozenClassifier
from attnlab.runs import build
from attnlab.runs.instantiation import call, instantiate


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
