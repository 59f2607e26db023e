"""Boxes: their two forms and how far they agree.

Corners are (left, top, right, bottom); centres are (centre x, centre y, width, height). Either counts pixels, or shares
of an image's width and height. 0 is the image's left or upper edge, not the middle of its first pixel.
"""

import torch
from torch import Tensor
from torchvision.ops import box_iou, generalized_box_iou, generalized_box_iou_loss

__all__ = [
    "box_iou",
    "centres_to_corners",
    "corners_to_centres",
    "generalized_box_iou",
    "generalized_box_iou_loss",
    "inverse_sigmoid",
    "visible_shares",
    "within",
]


def centres_to_corners(boxes: Tensor) -> Tensor:
    """(..., 4) centres as corners."""
    middle, size = boxes.chunk(2, dim=-1)
    return torch.cat([middle - size / 2, middle + size / 2], dim=-1)


def corners_to_centres(boxes: Tensor) -> Tensor:
    """(..., 4) corners as centres."""
    low, high = boxes.chunk(2, dim=-1)
    return torch.cat([(low + high) / 2, high - low], dim=-1)


def within(boxes: Tensor, extent: Tensor) -> Tensor:
    """Corners (..., 4) cut to images of `extent` (..., 2), height and width."""
    low, high = boxes.chunk(2, dim=-1)
    limit = extent.flip(-1).to(boxes)
    return torch.cat([low.clamp(min=0).minimum(limit), high.clamp(min=0).minimum(limit)], dim=-1)


def visible_shares(boxes: Tensor, extent: Tensor) -> Tensor:
    """How much of each box's area lies in the image, (...); 0 for a box without area. Arguments as for `within`."""
    area, seen = (_area(each) for each in (boxes, within(boxes, extent)))
    return torch.where(area > 0, seen / area.clamp(min=torch.finfo(area.dtype).tiny), 0.0)


def inverse_sigmoid(shares: Tensor, eps: float = 1e-4) -> Tensor:
    """The number whose sigmoid is the share, which is kept `eps` away from 0 and 1 so that the number is finite."""
    return shares.clamp(eps, 1 - eps).logit()


def _area(boxes: Tensor) -> Tensor:
    size = boxes[..., 2:] - boxes[..., :2]
    return size[..., 0] * size[..., 1]
