"""A detector that starts from torchvision's residual nets sees in images what they see."""

from typing import Any

import pytest
import torch
import torchvision
from detector_examples import HEIGHT, WIDTH, batch, build
from torch import Tensor

from attnlab.feature_attention import SeFeatureAttention
from attnlab.tasks.training.pretrained import normalise_for

KIND = "torchvision_resnet_detector"
FILE: dict[str, Any] = {"weights": "w.pth", "weights_sha256": "0"}


def _classifier(name: str) -> Any:
    """With statistics that aren't those of a new one."""
    net = getattr(torchvision.models, name)().eval()
    for path, each in net.named_buffers():
        if path.endswith("running_var"):
            each.uniform_(0.5, 1.5, generator=torch.Generator().manual_seed(3))
    return net


def _maps(net: Any, images: Tensor) -> list[Tensor]:
    x, found = net.maxpool(net.relu(net.bn1(net.conv1(images)))), []
    for stage in (net.layer1, net.layer2, net.layer3, net.layer4):
        x = stage(x)
        found.append(x)
    return found


@pytest.mark.parametrize("depth, prefix", [(18, ""), (50, "backbone.body.")])
@torch.no_grad()
def test_its_maps_are_those_of_the_net_whose_weights_it_takes(depth: int, prefix: str) -> None:
    net, model = _classifier(f"resnet{depth}"), build(KIND, depth=depth, **FILE)
    head = {name: value.clone() for name, value in model.state_dict().items() if ".head." in name}
    anew = model.start_from({f"{prefix}{name}": value for name, value in net.state_dict().items()})
    assert set(head) <= set(anew)
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in head.items())
    assert not any(name.startswith("detector.backbone.backbone.") for name in anew)
    images, _, _ = batch()
    model.train()  # the norms keep the statistics that the weights came with
    for ours, theirs in zip(model.detector.backbone.backbone(images), _maps(net, images), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4 * float(theirs.abs().max()))


def test_what_isnt_in_the_file_begins_anew_and_is_named() -> None:
    model = build(KIND, feature_attention=SeFeatureAttention, **FILE)
    anew = model.start_from(_classifier("resnet18").state_dict())
    assert sum(".feature_attention." in name for name in anew) >= 8
    assert all(each in anew for each in model.state_dict() if ".pyramid." in each)


def test_another_nets_weights_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(set model.depth=50, or model.weights\)"):
        build(KIND, **FILE).start_from(_classifier("resnet50").state_dict())
    with pytest.raises(ValueError, match=r"no such file of weights, got w.pth \(set model.weights\)"):
        build(KIND, weights="w.pth")


def test_without_a_file_nothing_is_frozen_and_images_are_normalised_by_themselves() -> None:
    model = build(KIND)
    assert model.statistics is None
    assert not any("running" in name for name in model.state_dict())


def test_images_are_normalised_as_the_weights_were_trained() -> None:
    class Codec:
        mean, std = [0.1, 0.2, 0.3], [1.0, 1.0, 1.0]

        def normalise_by(self, mean: Any, std: Any) -> None:
            self.mean, self.std = list(mean), list(std)

    codec = Codec()
    normalise_for(build(KIND), codec)
    assert codec.mean == [0.1, 0.2, 0.3]
    normalise_for(build(KIND, **FILE), codec)
    assert codec.mean == [0.485, 0.456, 0.406]


def test_canvases_are_padded_to_its_stride() -> None:
    model = build(KIND, max_height=HEIGHT + 3, max_width=WIDTH - 1)
    assert model._padded(torch.zeros(1, 3, HEIGHT + 3, WIDTH - 1)).shape == (1, 3, 64, 64)
