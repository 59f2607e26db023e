"""A residual net that attends along rows and columns where others convolve."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention import MultiHeadAttention, capture_attention
from attnlab.errors import between
from attnlab.feature_attention.mechanisms.axial import along_rows
from attnlab.models.classifiers.image_classifier import ImageMaps
from attnlab.models.classifiers.resnet import convolution, halved
from attnlab.models.layers.feature_maps import are_few, below
from attnlab.models.layers.rollout import axial_received, axial_steps
from attnlab.models.layers.slots import AttentionFactory, Slot, fill_slots, mechanism_name

NUM_STAGES = 3


class AxialBlock(nn.Module):
    """relu(s(x) + bn(W_2 relu(bn(columns(rows(relu(bn(W_1 x))))))))        (Wang et al., 2020, section 3.2)

    W_1 halves the channels, W_2 brings back twice as many; rows and columns are attention among the places of a line.
    s is the identity, or bn(W x) where the widths differ. Where the block halves the map, the mean of 2 × 2 places is
    taken after the attention and before W.
    """

    def __init__(
        self, in_channels: int, channels: int, *, rows: MultiHeadAttention, columns: MultiHeadAttention, halve: bool
    ) -> None:
        super().__init__()
        narrow = channels // 2
        self.narrow = nn.Sequential(nn.Conv2d(in_channels, narrow, 1, bias=False), nn.BatchNorm2d(narrow), nn.ReLU())
        self.rows, self.columns = rows, columns
        self.norm = nn.BatchNorm2d(narrow)
        self.widen = nn.Sequential(nn.Conv2d(narrow, channels, 1, bias=False), nn.BatchNorm2d(channels))
        self.pool = nn.AvgPool2d(2, ceil_mode=True) if halve else nn.Identity()
        self.shortcut = (
            nn.Identity()
            if in_channels == channels
            else nn.Sequential(nn.Conv2d(in_channels, channels, 1, bias=False), nn.BatchNorm2d(channels))
        )

    def forward(self, x: Tensor) -> Tensor:
        y = along_rows(self.rows, self.narrow(x))
        y = along_rows(self.columns, y.mT).mT
        y = self.widen(F.relu(self.norm(self.pool(y))))
        return F.relu(self.shortcut(self.pool(x)) + y)


class AxialResNet(nn.Module):
    """Stand-alone axial attention: after the stem, places learn of each other by attention alone, along two axes.

    Three stages of `AxialBlock`s of 2 n layers of attention each, the second and third halving the map and doubling its
    width. The stem is a convolution of stride 2 that makes a place of 2 × 2 pixels; it adds what is learned of each row
    and each column (Ho et al., 2019). Differs from Wang et al. (2020): positions are given once and not in each
    attention, unless the mechanism has its own.

    Args:
        dim: channels of the first stage, even; half as many attend, in `num_heads` heads.
        num_blocks: n, blocks of each stage.

    Raises:
        ValueError: a number out of its range, or an attention that can't serve the role self.
    """

    def __init__(
        self,
        *,
        num_classes: int,
        in_channels: int,
        height: int,
        width: int,
        attention: AttentionFactory,
        dim: int = 64,
        num_heads: int = 4,
        num_blocks: int = 1,
    ) -> None:
        super().__init__()
        if dim < 2 or dim % 2:
            raise ValueError(f"dim must be even, as half of it attends, got {dim} (set model.dim)")
        between(2, 2**20, "model", dim=dim)
        between(1, 1000, "model", num_blocks=num_blocks)
        self.num_classes = num_classes
        size = halved((height, width))
        self.stem = nn.Sequential(convolution(in_channels, dim, stride=2), nn.BatchNorm2d(dim), nn.ReLU())
        self.row_positions = nn.Parameter(torch.empty(dim, size[0], 1))
        self.column_positions = nn.Parameter(torch.empty(dim, 1, size[1]))
        blocks, channels = [], dim
        for stage in range(NUM_STAGES):
            wide = dim * 2**stage
            for number in range(num_blocks):
                slots = {
                    "rows": Slot(role="self", max_length=size[1], num_layers=1),
                    "columns": Slot(role="self", max_length=size[0], num_layers=1),
                }
                (rows,), (columns,) = fill_slots(attention, slots, dim=wide // 2, num_heads=num_heads).values()
                halve = stage > 0 and number == 0
                blocks.append(AxialBlock(channels, wide, rows=rows, columns=columns, halve=halve))
                channels, size = wide, halved(size) if halve else size
        self.slots = {"rows": mechanism_name(rows), "columns": mechanism_name(columns)}
        self.blocks = nn.Sequential(*blocks)
        self.classifier = nn.Linear(channels, num_classes)
        for positions in (self.row_positions, self.column_positions):
            nn.init.normal_(positions, std=0.02)

    def forward(self, images: Tensor) -> Tensor:
        x = self.stem(images) + self.row_positions + self.column_positions
        logits: Tensor = self.classifier(self.blocks(x).mean((2, 3)))
        return logits

    @torch.no_grad()
    def image_maps(self, images: Tensor) -> ImageMaps:
        """What each place receives from all others in each block, by way of its row and its column; what each gives."""
        with capture_attention(self) as maps:
            self(images)
        between: dict[str, Tensor] = {}
        found = ImageMaps({}, {}, between_places=between)
        for number in range(len(self.blocks)):
            path = f"blocks.{number}"
            rows, columns = below(maps, f"{path}.rows"), below(maps, f"{path}.columns")
            found.over_image[path] = axial_received(rows, columns, batch_size=len(images))
            if are_few(columns.size(-1), rows.size(-1)):
                between[path] = axial_steps(rows, columns, batch_size=len(images))
        return found
