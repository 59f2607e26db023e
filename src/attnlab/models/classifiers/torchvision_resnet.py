"""torchvision's residual nets, with attention on the feature maps of every block."""

from collections import OrderedDict
from typing import cast

from torch import Tensor, nn

from attnlab.models.classifiers.image_classifier import ImageMaps
from attnlab.models.classifiers.resnet import halved
from attnlab.models.layers.feature_maps import FeatureAttentionFactory, feature_maps, feature_slots

DEPTHS = {18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3]}
NUM_STAGES = 4


class TorchvisionResNet(nn.Module):
    """ResNet-18, 34 or 50 as torchvision has it (He et al., 2016), with attention at the end of each block's branch.

    Without attention it is torchvision's, parameter by parameter, as `network`.

    Args:
        depth: 18, 34 or 50.
        small_images: a first convolution of 3 × 3 and no pooling after it, so that images of 32 by 32 aren't shrunk to
            8 by 8 at once; false for the original's 7 × 7 of stride 2, then pooling.

    Raises:
        ValueError: another depth.
    """

    def __init__(
        self,
        *,
        num_classes: int,
        in_channels: int,
        height: int,
        width: int,
        feature_attention: FeatureAttentionFactory,
        depth: int = 18,
        small_images: bool = True,
    ) -> None:
        from torchvision.models import resnet  # slow to import

        super().__init__()
        if depth not in DEPTHS:
            raise ValueError(f"depth must be one of {', '.join(map(str, DEPTHS))}, got {depth} (set model.depth)")
        self.num_classes = num_classes
        block = resnet.Bottleneck if depth >= 50 else resnet.BasicBlock
        self.network = resnet.ResNet(block, DEPTHS[depth], num_classes=num_classes)
        size = (height, width)
        if small_images:
            self.network.conv1 = _convolution(in_channels, 3)
            self.network.maxpool = nn.Identity()
        else:
            self.network.conv1 = _convolution(in_channels, 7)
            size = halved(halved(size))
        for number in range(1, NUM_STAGES + 1):
            size = size if number == 1 else halved(size)
            for each in self.network.get_submodule(f"layer{number}").children():
                _add_attention(each, feature_attention, size)
        self.slots = feature_slots(self)

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.network(images)
        return logits

    def image_maps(self, images: Tensor) -> ImageMaps:
        return feature_maps(self, images)


def _convolution(in_channels: int, kernel_size: int) -> nn.Conv2d:
    stride = 1 if kernel_size == 3 else 2
    convolution = nn.Conv2d(in_channels, 64, kernel_size, stride=stride, padding=kernel_size // 2, bias=False)
    nn.init.kaiming_normal_(convolution.weight, mode="fan_out", nonlinearity="relu")
    return convolution


def _add_attention(block: nn.Module, feature_attention: FeatureAttentionFactory, size: tuple[int, int]) -> None:
    """Put attention behind the last normalisation of a block's branch, as a child of its own."""
    norms = {name: each for name, each in block.named_children() if isinstance(each, nn.BatchNorm2d)}
    name, norm = max(norms.items())  # bn3, or bn2
    mechanism = cast(nn.Module, feature_attention(norm.num_features, max_size=size))
    setattr(block, name, nn.Sequential(OrderedDict(norm=norm, feature_attention=mechanism)))
