"""A small residual net that gives a detector its feature maps, at several scales."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.errors import between
from attnlab.models.detectors.fcos import NUM_GROUPS, Backbone
from attnlab.models.layers.feature_maps import FeatureAttentionFactory

LEAST_LAST = 16  # channels: a register's


class NormalisedBlock(nn.Module):
    """relu(s(x) + attention(gn(conv(relu(gn(conv x))))))        (He et al., 2016; Hu et al., 2018; Wu & He, 2018)

    s is the identity, or a 1 × 1 convolution and a norm where the block changes the map's size or width. Group norm,
    because detectors train on batches too small for statistics over images.
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
        self.conv1 = _convolution(in_channels, channels, 3, stride=stride)
        self.norm1 = nn.GroupNorm(NUM_GROUPS, channels)
        self.conv2 = _convolution(channels, channels, 3)
        self.norm2 = nn.GroupNorm(NUM_GROUPS, channels)
        self.feature_attention = feature_attention(channels, max_size=size)
        self.shortcut: nn.Module = nn.Identity()
        if stride > 1 or in_channels != channels:
            self.shortcut = nn.Sequential(
                _convolution(in_channels, channels, 1, stride=stride), nn.GroupNorm(NUM_GROUPS, channels)
            )

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.shortcut(_as_torch_can(x)) + self.feature_attention(self.norm2(self.conv2(y))))


class ResidualBackbone(Backbone):
    """A convolution of stride 2, then stages of residual blocks, each of which halves the map.

    (B, C, H, W) -> the maps of all stages, (B, C_i, H / 4, W / 4) the first, sizes rounded up. Attention on feature
    maps stands at the end of each block's branch, so at every scale.

    Args:
        max_size: the greatest height and width of an image to come.
        stage_channels: width of each stage, multiples of 8; the first convolution has half the first stage's.
        stage_blocks: blocks of each stage.

    Raises:
        ValueError: a width or count that can't be, or not as many of one as of the other.
    """

    def __init__(
        self,
        in_channels: int,
        *,
        max_size: tuple[int, int],
        stage_channels: Sequence[int],
        stage_blocks: Sequence[int],
        feature_attention: FeatureAttentionFactory,
    ) -> None:
        super().__init__()
        if not stage_channels or len(stage_channels) != len(stage_blocks):
            raise ValueError(
                f"every stage needs a width and its blocks, got {list(stage_channels)} and {list(stage_blocks)} "
                "(set model.stage_channels and model.stage_blocks)"
            )
        if any(width < 2 * NUM_GROUPS or width % NUM_GROUPS for width in stage_channels) or stage_channels[0] % 16:
            raise ValueError(
                "a stage's width must be a multiple of 8 from 16 up, the first one's of 16, got "
                f"{list(stage_channels)} (set model.stage_channels)"
            )
        if min(stage_blocks) < 1:
            raise ValueError(f"a stage has 1 block or more, got {list(stage_blocks)} (set model.stage_blocks)")
        between(1, 1000, "model", stage_blocks=max(stage_blocks))
        between(16, 2**16, "model", stage_channels=max(stage_channels))
        channels, size = stage_channels[0] // 2, _halved(max_size)
        self.stem = nn.Sequential(
            _convolution(in_channels, channels, 3, stride=2), nn.GroupNorm(NUM_GROUPS, channels), nn.ReLU()
        )
        self.stages = nn.ModuleList()
        for width, num_blocks in zip(stage_channels, stage_blocks, strict=True):
            size = _halved(size)
            blocks = []
            for number in range(num_blocks):
                stride = 2 if number == 0 else 1
                blocks.append(
                    NormalisedBlock(channels, width, stride=stride, size=size, feature_attention=feature_attention)
                )
                channels = width
            self.stages.append(nn.Sequential(*blocks))
        self.stage_channels = list(stage_channels)
        self.strides = [4 * 2**stage for stage in range(len(stage_channels))]
        self.last_size = size  # of the last stage's map of the greatest image

    def forward(self, images: Tensor) -> list[Tensor]:
        # A tenth faster on CPUs than channel after channel.
        x, maps = self.stem(images.contiguous(memory_format=torch.channels_last)), []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps


def _as_torch_can(x: Tensor) -> Tensor:
    """The same map (B, C, H, W), laid out so that a shortcut's gradient can be computed.

    In several threads torch 2.14.1 writes beyond its memory in the weights' gradient of a 1 × 1 convolution with a
    stride, of fewer than 16 channels that come last, on CPUs with AVX-512.
    """
    if x.is_cpu and x.size(1) < LEAST_LAST and torch.get_num_threads() > 1:
        return x.contiguous()
    return x


def _convolution(in_channels: int, channels: int, kernel_size: int, *, stride: int = 1) -> nn.Conv2d:
    convolution = nn.Conv2d(in_channels, channels, kernel_size, stride=stride, padding=kernel_size // 2, bias=False)
    nn.init.kaiming_normal_(convolution.weight, mode="fan_out", nonlinearity="relu")
    return convolution


def _halved(size: tuple[int, int]) -> tuple[int, int]:
    return -(-size[0] // 2), -(-size[1] // 2)
