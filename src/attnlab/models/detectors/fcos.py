"""torchvision's FCOS on any net that gives maps at several scales."""

import math
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models.detection import FCOS
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.fcos import FCOSHead
from torchvision.models.detection.image_list import ImageList
from torchvision.ops import FeaturePyramidNetwork

from attnlab.errors import between
from attnlab.models.classifiers.image_classifier import ImageMaps
from attnlab.models.detectors.detector import AS_COCO, MAX_DETECTIONS, Detections, ObjectLimit, Objects
from attnlab.models.layers.feature_maps import feature_maps, feature_slots

NUM_GROUPS = 8
LEAST_SCORE = 0.02  # of a detection: those below it hardly move average precision and take long to sort out
HEAD_GROUPS = 32  # of torchvision's head


class Backbone(nn.Module):
    """(B, C, H, W) -> the maps of all stages, (B, C_i, H / stride_i, W / stride_i).

    Attributes:
        stage_channels, strides: of each stage, each stride twice the one before.
    """

    stage_channels: list[int]
    strides: list[int]


class FcosOutput(NamedTuple):
    """One pass."""

    heads: dict[str, Tensor]  # torchvision's: `cls_logits` (B, A, C), `bbox_regression` (B, A, 4), `bbox_ctrness`
    anchors: list[Tensor]  # (A, 4) for each image
    places: list[int]  # of each level; their sum is A


class FcosDetector(nn.Module):
    """Each place of each map says which class is there, how far the box reaches, and how central it is in it.

    FCOS (Tian et al., 2019) in torchvision's implementation: its feature pyramid, head, assignment, losses and
    non-maximum suppression. Places of the finest map answer for boxes of up to 8 of its strides from them to the
    farthest edge, those of the next for 8 to 16, and so on.

    Args:
        num_levels: of the pyramid, from the backbone's last stages.
        pyramid_channels: a multiple of 32.
        num_head_convolutions: in each branch of the head.
        overlap_threshold: of two boxes of a class that overlap (IoU) more than this, the lower-scored one is dropped.

    Raises:
        ValueError: a number out of its range.
    """

    def __init__(
        self,
        backbone: Backbone,
        *,
        num_classes: int,
        num_levels: int,
        pyramid_channels: int,
        num_head_convolutions: int,
        overlap_threshold: float,
    ) -> None:
        super().__init__()
        _check(num_levels, len(backbone.strides), pyramid_channels, num_head_convolutions, overlap_threshold)
        # torchvision places anchors by whole strides, which a size that isn't a multiple of them would put askew.
        self.multiple = backbone.strides[-1]
        strides = backbone.strides[-num_levels:]
        self.detector = FCOS(
            _Pyramid(backbone, num_levels, pyramid_channels),
            num_classes,
            anchor_generator=AnchorGenerator(tuple((stride,) for stride in strides), ((1.0,),) * num_levels),
            head=FCOSHead(pyramid_channels, 1, num_classes, num_head_convolutions),
            score_thresh=LEAST_SCORE,
            nms_thresh=overlap_threshold,
            detections_per_img=MAX_DETECTIONS,
        )
        self.slots = feature_slots(backbone)
        self.limit = ObjectLimit(MAX_DETECTIONS, AS_COCO)

    def forward(self, images: Tensor, extents: Tensor, objects: Objects | None = None) -> FcosOutput:
        images = self._padded(images)
        maps = list(self.detector.backbone(images).values())
        anchors = self.detector.anchor_generator(ImageList(images, [tuple(images.shape[2:])] * len(images)), maps)
        heads = {name: part.float() for name, part in self.detector.head(maps).items()}
        return FcosOutput(heads, anchors, [each.shape[2] * each.shape[3] for each in maps])

    def _padded(self, images: Tensor) -> Tensor:
        height, width = images.shape[2:]
        return F.pad(images, (0, -width % self.multiple, 0, -height % self.multiple))

    def losses(self, output: FcosOutput, extents: Tensor, objects: Objects) -> dict[str, Tensor]:
        targets = [
            {"boxes": boxes[:count], "labels": labels[:count]}
            for boxes, labels, count in zip(*objects, objects.counts.tolist(), strict=True)
        ]
        found = self.detector.compute_loss(targets, output.heads, output.anchors, output.places)
        return {
            "label": found["classification"],
            "overlap": found["bbox_regression"],
            "centre": found["bbox_ctrness"],
        }

    def query_maps(self, images: Tensor, extents: Tensor) -> None:
        """There are no queries: every place of every map is asked."""

    def image_maps(self, images: Tensor) -> ImageMaps:
        height, width = images.shape[2:]
        padded = self._padded(images)
        maps = feature_maps(self.detector.backbone.backbone, padded)
        # Without what was added to the image.
        over_image, between_places = (
            {name: _within(each, (height, width), padded.shape[2:]) for name, each in found.items()}
            for found in (maps.over_image, maps.between_places)
        )
        between_places = {name: each[:, :, : each.size(4), : each.size(5)] for name, each in between_places.items()}
        return maps._replace(over_image=over_image, between_places=between_places)

    @torch.no_grad()
    def detections(self, output: FcosOutput, extents: Tensor) -> list[Detections]:
        """What places within the image found: those beside it would give boxes without area, cut at its edge."""
        corners = torch.stack(output.anchors)  # (B, A, 4)
        beside = ((corners[..., :2] + corners[..., 2:]) / 2 >= extents.flip(1).unsqueeze(1)).any(2)  # (B, A)
        logits = output.heads["cls_logits"].masked_fill(beside.unsqueeze(2), -math.inf)
        parts = output.heads | {"cls_logits": logits}
        heads = {name: list(part.split_with_sizes(output.places, dim=1)) for name, part in parts.items()}
        anchors = [list(each.split_with_sizes(output.places)) for each in output.anchors]
        sizes = [(height, width) for height, width in extents.tolist()]
        found = self.detector.postprocess_detections(heads, anchors, sizes)
        return [_with_area(each["boxes"], each["scores"], each["labels"]) for each in found]


def _with_area(boxes: Tensor, scores: Tensor, labels: Tensor) -> Detections:
    """Without the boxes of places that say that the box's two sides are where they are."""
    kept = (boxes[:, :2] < boxes[:, 2:]).all(dim=1)
    return Detections(boxes[kept], scores[kept], labels[kept], torch.zeros_like(labels[kept]))


class _Pyramid(nn.Module):
    """The backbone's last maps, all of one width, each with the coarser ones added (Lin et al., 2017)."""

    def __init__(self, backbone: Backbone, num_levels: int, channels: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.num_levels = num_levels
        self.out_channels = channels  # torchvision asks for it
        self.pyramid = FeaturePyramidNetwork(
            backbone.stage_channels[-num_levels:], channels, norm_layer=lambda width: nn.GroupNorm(NUM_GROUPS, width)
        )

    def forward(self, images: Tensor) -> OrderedDict[str, Tensor]:
        maps = self.backbone(images)[-self.num_levels :]
        found: OrderedDict[str, Tensor] = self.pyramid(OrderedDict((str(n), each) for n, each in enumerate(maps)))
        return found


def _within(maps: Tensor, size: tuple[int, int], padded: Sequence[int]) -> Tensor:
    """Of maps (..., h, w) over a padded image the places over the image itself, whose `size` is height and width."""
    high, wide = (
        -(-pixels * places // whole) for pixels, places, whole in zip(size, maps.shape[-2:], padded, strict=True)
    )
    return maps[..., :high, :wide]


def _check(
    num_levels: int, num_stages: int, pyramid_channels: int, num_head_convolutions: int, overlap_threshold: float
) -> None:
    if not 1 <= num_levels <= num_stages:
        raise ValueError(
            f"the pyramid has from 1 to as many levels as the net has stages, got {num_levels} and {num_stages} stages "
            "(set model.num_levels)"
        )
    if pyramid_channels < HEAD_GROUPS or pyramid_channels % HEAD_GROUPS:
        raise ValueError(
            f"pyramid_channels must be a multiple of {HEAD_GROUPS}, got {pyramid_channels} (set model.pyramid_channels)"
        )
    between(1, 1000, "model", num_head_convolutions=num_head_convolutions)
    between(1, 2**20, "model", pyramid_channels=pyramid_channels)
    if not 0 < overlap_threshold <= 1:
        raise ValueError(f"overlap_threshold must lie in (0, 1], got {overlap_threshold} (set model.overlap_threshold)")


def padded_size(height: int, width: int, *, multiple: int) -> tuple[int, int]:
    """The least multiples that images of this size fit."""
    return height + -height % multiple, width + -width % multiple
