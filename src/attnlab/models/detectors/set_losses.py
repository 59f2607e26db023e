"""The loss of a set of predictions against a set of objects."""

import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.ops import sigmoid_focal_loss

from attnlab.models.detectors.boxes import centres_to_corners, corners_to_centres, generalized_box_iou_loss
from attnlab.models.detectors.detector import Objects
from attnlab.models.detectors.matching import ALPHA, GAMMA, MatchingCosts, Pairs, cost_matrix, match


def in_shares(objects: Objects, extents: Tensor) -> Objects:
    """The objects' boxes as centres, in shares of their images' height and width."""
    scale = extents.flip(1).repeat(1, 2).unsqueeze(1).to(objects.boxes)  # (B, 1, 4)
    return Objects(corners_to_centres(objects.boxes / scale), objects.labels)


def hungarian_pairs(logits: Tensor, boxes: Tensor, objects: Objects, *, costs: MatchingCosts) -> Pairs:
    """The best assignment for each of L B sets, of which numbers b, B + b, 2 B + b ... are of image b.

    `logits` (L, B, Q, C) and `boxes` (L, B, Q, 4) are of L layers; the objects' boxes are centres in shares.
    """
    num_layers, num_images, num_queries = logits.shape[:3]
    found: list[tuple[Tensor, Tensor, Tensor]] = []
    for image, count in enumerate(objects.counts.tolist()):
        if count == 0:
            continue
        labels, targets = objects.labels[image, :count], objects.boxes[image, :count]
        cost = cost_matrix(
            logits[:, image].flatten(0, 1), boxes[:, image].flatten(0, 1), labels, targets, costs=costs
        )  # (L Q, M)
        for layer, part in enumerate(cost.cpu().view(num_layers, num_queries, count)):
            queries, chosen = match(part)
            found.append((torch.full_like(queries, layer * num_images + image), queries, chosen))
    device = logits.device
    if not found:
        nothing = torch.zeros(0, dtype=torch.int64, device=device)
        return Pairs(nothing, nothing, nothing)
    return Pairs(*(torch.cat(parts).to(device) for parts in zip(*found, strict=True)))


def set_losses(
    logits: Tensor,
    boxes: Tensor,
    objects: Objects,
    pairs: Pairs,
    *,
    weights: MatchingCosts,
    counted: Tensor | None = None,
) -> dict[str, Tensor]:
    """Three parts, each a sum over layers and per object: `label`, `box`, `overlap`.

    label = w_label focal(logits, one-hot of the object each prediction answers for; else nothing)
    box = w_box |b - b*|_1,   overlap = w_overlap (1 - GIoU(b, b*)), both over pairs        (Carion et al., 2020, 3.1)
    Differs from the paper, with Zhu et al. (2021): a focal loss in place of a class for "nothing".

    Args:
        logits: (L, B, Q, C) of L layers.
        boxes: (L, B, Q, 4) centres in shares of the image.
        objects: boxes (B, M, 4) likewise.
        pairs: of the L B sets.
        counted: (B, Q) the predictions whose label counts; None for all.
    """
    num_objects = objects.counts.sum().clamp(min=1)
    num_images = logits.shape[1]
    logits, boxes = logits.float().flatten(0, 1), boxes.float().flatten(0, 1)  # (L B, Q, ...)
    images = pairs.sets % num_images
    classes = torch.zeros_like(logits)
    classes[pairs.sets, pairs.queries, objects.labels[images, pairs.objects]] = 1.0
    label = sigmoid_focal_loss(logits, classes, alpha=ALPHA, gamma=GAMMA, reduction="none").sum(2)  # (L B, Q)
    if counted is not None:
        label = label * counted.repeat(len(label) // num_images, 1)
    answers, targets = boxes[pairs.sets, pairs.queries], objects.boxes[images, pairs.objects].float()  # (N, 4)
    box = F.l1_loss(answers, targets, reduction="sum")
    overlap = generalized_box_iou_loss(centres_to_corners(answers), centres_to_corners(targets), reduction="sum")
    return {
        "label": weights.label * label.sum() / num_objects,
        "box": weights.box * box / num_objects,
        "overlap": weights.overlap * overlap / num_objects,
    }
