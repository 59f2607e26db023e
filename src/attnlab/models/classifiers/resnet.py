"""The residual net for small images."""

import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.errors import between
from attnlab.models.classifiers.image_classifier import ImageMaps
from attnlab.models.layers.feature_maps import FeatureAttentionFactory, feature_maps, feature_slots

NUM_STAGES = 3


class ResidualBlock(nn.Module):
    """relu(s(x) + attention(bn(conv(relu(bn(conv x))))))        (He et al., 2016, fig. 2; Hu et al., 2018, fig. 3)

    s is the identity; where the block halves the map and widens it, every second place of x, with channels of zeros
    behind (option A, which has no parameters).

    Args:
        size: height and width of the block's output.
    """

    def __init__(
        self,
        in_channels: int,
        channels: int,
        *,
        stride: int,
        size: tuple[int, int],
        feature_attention: FeatureAttentionFactory,
    ) -> None:
        super().__init__()
        self.stride, self.new_channels = stride, channels - in_channels
        self.conv1 = convolution(in_channels, channels, stride=stride)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = convolution(channels, channels)
        self.bn2 = nn.BatchNorm2d(channels)
        self.feature_attention = feature_attention(channels, max_size=size)

    def forward(self, x: Tensor) -> Tensor:
        shortcut = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.new_channels))
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(shortcut + self.feature_attention(self.bn2(self.conv2(y))))


def convolution(in_channels: int, channels: int, *, stride: int = 1) -> nn.Conv2d:
    """3 × 3 without bias, for a normalisation follows; weights of He et al. (2015)."""
    layer = nn.Conv2d(in_channels, channels, 3, stride=stride, padding=1, bias=False)
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return layer


class ResNet(nn.Module):
    """Three stages of residual blocks; the second and third halve the map and double its width: 6 n + 2 layers.

    For images of about 32 by 32 (He et al., 2016, section 4.2): n = 3 is ResNet-20, n = 5 ResNet-32. Attention on
    feature maps stands at the end of each block's branch.

    Args:
        dim: channels of the first stage.
        num_blocks: n, blocks of each stage.

    Raises:
        ValueError: a count below 1; from the attention, what it refuses.
    """

    def __init__(
        self,
        *,
        num_classes: int,
        in_channels: int,
        height: int,
        width: int,
        feature_attention: FeatureAttentionFactory,
        dim: int = 16,
        num_blocks: int = 3,
    ) -> None:
        super().__init__()
        between(1, 2**20, "model", dim=dim)
        between(1, 1000, "model", num_blocks=num_blocks)
        self.num_classes = num_classes
        self.stem = nn.Sequential(convolution(in_channels, dim), nn.BatchNorm2d(dim), nn.ReLU())
        stages, size = [], (height, width)
        for stage in range(NUM_STAGES):
            blocks = []
            for number in range(num_blocks):
                stride = 2 if stage > 0 and number == 0 else 1
                size = halved(size) if stride == 2 else size
                widths = (dim // stride, dim)
                blocks.append(ResidualBlock(*widths, stride=stride, size=size, feature_attention=feature_attention))
            stages.append(nn.Sequential(*blocks))
            dim *= 2
        self.stages = nn.Sequential(*stages)
        self.classifier = nn.Linear(dim // 2, num_classes)
        self.slots = feature_slots(self)

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.stages(self.stem(images)).mean((2, 3)))
        return logits

    def image_maps(self, images: Tensor) -> ImageMaps:
        return feature_maps(self, images)


def halved(size: tuple[int, int]) -> tuple[int, int]:
    """Height and width after a step of two, an odd last place kept."""
    return -(-size[0] // 2), -(-size[1] // 2)
