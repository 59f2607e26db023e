"""One object an image, found by attention pooling."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention import capture_attention, reads
from attnlab.errors import at_least, below_one
from attnlab.models.classifiers.image_classifier import ImageMaps
from attnlab.models.detectors.box_positions import check_dim, places, sine_of_shares
from attnlab.models.detectors.boxes import centres_to_corners, generalized_box_iou_loss, within
from attnlab.models.detectors.detector import Detections, ObjectLimit, Objects
from attnlab.models.detectors.residual_backbone import ResidualBackbone
from attnlab.models.detectors.set_losses import in_shares
from attnlab.models.layers.feature_maps import FeatureAttentionFactory, feature_maps, feature_slots
from attnlab.models.layers.slots import AttentionFactory, Slot, fill_slots, mechanism_name


class Guess(NamedTuple):
    """What a pass says of each image."""

    logits: Tensor  # (B, C + 1), the last one of there being no object
    boxes: Tensor  # (B, 4) centres in shares of the image


class AttentionObjectDetection(nn.Module):
    """A learned query gathers what it needs from all places of the image; its class and its box are read off that.

    z = attention(q, F + P, F + P),   class = softmax(V z),   box = sigmoid(W z)
    F are a residual net's features and P the places' positions, also in the values, since the box must know where. It
    learns the largest object of each image, or that there is none, and finds one object an image: its average
    precision on images of several can't be high.

    The attention stands in the slot `pooling`, a mechanism on feature maps in each block of the net.

    Args:
        stage_channels, stage_blocks: of the residual net.
        box_weight, overlap_weight: of |b - b*|_1 and of 1 - GIoU, beside the class's cross-entropy in nats.

    Raises:
        ValueError: a number out of its range, or an attention that can't serve the role cross.
    """

    def __init__(
        self,
        *,
        num_classes: int,
        in_channels: int,
        max_height: int,
        max_width: int,
        attention: AttentionFactory,
        feature_attention: FeatureAttentionFactory,
        dim: int = 128,
        num_heads: int = 4,
        dropout: float = 0.0,
        stage_channels: Sequence[int] = (48, 96),
        stage_blocks: Sequence[int] = (1, 2),
        box_weight: float = 5.0,
        overlap_weight: float = 2.0,
    ) -> None:
        super().__init__()
        check_dim(dim)
        below_one("model", dropout=dropout)
        at_least(0, "model", box_weight=box_weight, overlap_weight=overlap_weight)
        self.num_classes = num_classes
        self.limit = ObjectLimit(1, "set model=detr, or another that finds several")
        self.box_weight, self.overlap_weight = box_weight, overlap_weight
        self.backbone = ResidualBackbone(
            in_channels,
            max_size=(max_height, max_width),
            stage_channels=stage_channels,
            stage_blocks=stage_blocks,
            feature_attention=feature_attention,
        )
        self.narrow = nn.Conv2d(stage_channels[-1], dim, 1)
        self.narrow_norm = nn.LayerNorm(dim)
        height, width = self.backbone.last_size
        slot = Slot(role="cross", max_length=height * width, num_layers=1, grid=(height, width))
        [self.pooling] = fill_slots(attention, {"pooling": slot}, dim=dim, num_heads=num_heads)["pooling"]
        self.slots = {"pooling": mechanism_name(self.pooling)} | feature_slots(self.backbone)
        self.query = nn.Parameter(torch.randn(1, 1, dim) * 0.1) if "query" in reads(self.pooling.core) else None
        self.dim = dim
        self.read = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, dim), nn.GELU(), nn.Dropout(dropout))
        self.classify = nn.Linear(dim, num_classes + 1)
        self.locate = nn.Linear(dim, 4)
        for head in (self.classify, self.locate):  # at first no class is likelier, and boxes lie in the middle
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)

    def forward(self, images: Tensor, extents: Tensor, objects: Objects | None = None) -> Guess:
        features: Tensor = self.narrow(self.backbone(images)[-1])  # (B, D, h, w)
        height, width = features.shape[2:]
        where, mask = places(height, width, stride=self.backbone.strides[-1], extents=extents)
        x = self.narrow_norm(features.flatten(2).mT)  # (B, K, D)
        x = x + sine_of_shares(where, self.dim // 2).flatten(2).to(x.dtype)
        query = x.new_zeros(1, 1, self.dim) if self.query is None else self.query
        pooled = self.pooling(query.expand(x.size(0), -1, -1), x, key_mask=mask).squeeze(1)  # (B, D)
        read = self.read(pooled)
        return Guess(self.classify(read), self.locate(read).float().sigmoid())

    def losses(self, output: Guess, extents: Tensor, objects: Objects) -> dict[str, Tensor]:
        shares = in_shares(objects, extents)
        real = objects.labels >= 0  # (B, M)
        areas = (shares.boxes[..., 2] * shares.boxes[..., 3]).masked_fill(~real, -1.0)
        largest = areas.argmax(dim=1, keepdim=True)  # (B, 1)
        labels = objects.labels.gather(1, largest).squeeze(1)
        some = labels >= 0
        targets = shares.boxes[torch.arange(len(labels), device=labels.device), largest.squeeze(1)]  # (B, 4)
        label = F.cross_entropy(output.logits.float(), torch.where(some, labels, self.num_classes))
        num = some.sum().clamp(min=1)
        boxes, targets = output.boxes[some], targets[some]
        corners = centres_to_corners(boxes), centres_to_corners(targets)
        box = F.l1_loss(boxes, targets, reduction="sum") / num
        overlap = generalized_box_iou_loss(*corners, reduction="sum") / num
        return {"label": label, "box": self.box_weight * box, "overlap": self.overlap_weight * overlap}

    @torch.no_grad()
    def query_maps(self, images: Tensor, extents: Tensor) -> Tensor:
        """Of the pooling, the mean over heads."""
        with capture_attention(self) as maps:
            self(images, extents)
        [pooling] = [path for path in maps if path.startswith("pooling")]
        weights = maps[pooling].mean(dim=1)  # (B, 1, K)
        return weights.view(*weights.shape[:2], *self.backbone.last_size)

    def image_maps(self, images: Tensor) -> ImageMaps:
        return feature_maps(self.backbone, images)

    def detections(self, output: Guess, extents: Tensor) -> list[Detections]:
        """One for each image: the likeliest class, and how likely it is."""
        scores, labels = output.logits.float().softmax(dim=1)[:, :-1].max(dim=1)
        corners = centres_to_corners(output.boxes) * extents.flip(1).repeat(1, 2)
        corners = within(corners, extents)
        first = torch.zeros(1, dtype=torch.int64, device=scores.device)
        return [
            Detections(box[None], score[None], label[None], first)
            for box, score, label in zip(corners, scores, labels, strict=True)
        ]
