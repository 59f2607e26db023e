"""A small convolutional net that looks where it must, and says where."""

import torch
from torch import Tensor, nn

from attnlab.attention import capture_attention, reads
from attnlab.errors import below_one, between
from attnlab.models.classifiers.image_classifier import ImageMaps
from attnlab.models.classifiers.resnet import convolution
from attnlab.models.layers.slots import AttentionFactory, Slot, fill_slots, mechanism_name

NUM_POOLINGS = 2


class AttentionImageClassification(nn.Module):
    """Convolutions make a map of the image; one learned query attends to its places; a linear layer names the class.

    f = conv(image) (B, P, D),   a = attention(q, f, f),   logits = V (dropout a)
    The weights are a distribution over the P places of one image, not over channels, whose softmax would say nothing of
    where; nor over the single channel of a gate, whose softmax is one everywhere. With `attention=uniform` it is global
    average pooling, the control.

    Args:
        dim: channels D of the last map, divisible by 4 and by `num_heads`; the maps before have D / 4 and D / 2.
        dropout: in [0, 1): of what the query gathered.

    Raises:
        ValueError: a number out of its range, an image too small to pool twice, or an attention that can't serve cross.
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
        num_heads: int = 1,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if dim < 4 or dim % 4:
            raise ValueError(f"dim must be divisible by 4, got {dim} (set model.dim)")
        between(4, 2**20, "model", dim=dim)
        below_one("model", dropout=dropout)
        self.grid = (height // 2**NUM_POOLINGS, width // 2**NUM_POOLINGS)
        self.num_extra = 0
        if 0 in self.grid:
            raise ValueError(f"the image must be at least 4 by 4, got {height} by {width} (set data.image_size)")
        self.num_classes = num_classes
        self.convolutions = nn.Sequential(
            *_double_convolution(in_channels, dim // 4),
            nn.MaxPool2d(2),
            *_double_convolution(dim // 4, dim // 2),
            nn.MaxPool2d(2),
            *_double_convolution(dim // 2, dim),
        )
        num_places = self.grid[0] * self.grid[1]
        slot = Slot(role="cross", max_length=num_places, num_layers=1, grid=self.grid)
        (self.pooling,) = fill_slots(attention, {"pooling": slot}, dim=dim, num_heads=num_heads)["pooling"]
        self.slots = {"pooling": mechanism_name(self.pooling)}
        # A query that isn't read would get no gradient, and distributed training waits for one.
        if "query" in reads(self.pooling.core):
            self.query = nn.Parameter(0.02 * torch.randn(1, 1, dim))
        else:
            self.register_buffer("query", torch.zeros(1, 1, dim), persistent=False)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(dim, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        places = self.convolutions(images).flatten(2).mT  # (B, P, D)
        pooled = self.pooling(self.query.expand(images.size(0), -1, -1), places).squeeze(1)  # (B, D)
        logits: Tensor = self.classifier(self.dropout(pooled))
        return logits

    @torch.no_grad()
    def image_maps(self, images: Tensor) -> ImageMaps:
        """The weights of each head over the image."""
        with capture_attention(self) as maps:
            self(images)
        (weights,) = maps.values()  # (B, H, 1, P)
        return ImageMaps({"pooling": torch.unflatten(weights.squeeze(2), -1, self.grid)}, {})


def _double_convolution(in_channels: int, channels: int) -> list[nn.Module]:
    return [
        layer
        for given in (in_channels, channels)
        for layer in (convolution(given, channels), nn.BatchNorm2d(channels), nn.ReLU())
    ]
