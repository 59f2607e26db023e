"""Which prediction answers for which object: the assignment of least cost, each object having one of its own."""

from typing import NamedTuple

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from attnlab.models.detectors.boxes import centres_to_corners, generalized_box_iou

ALPHA, GAMMA = 0.25, 2.0  # of the focal loss (Lin et al., 2017)


class MatchingCosts(NamedTuple):
    """What each disagreement costs, and weighs in the loss (Zhu et al., 2021)."""

    label: float = 2.0
    box: float = 5.0
    overlap: float = 2.0


class Pairs(NamedTuple):
    """Prediction `queries[n]` of `sets[n]` answers for object `objects[n]` of the same image; each (N,) int64."""

    sets: Tensor
    queries: Tensor
    objects: Tensor


def cost_matrix(logits: Tensor, boxes: Tensor, labels: Tensor, targets: Tensor, *, costs: MatchingCosts) -> Tensor:
    """What it costs that prediction q answers for object m, (Q, M), without gradients.

    c_qm = c_label (f+(p_qm) - f-(p_qm)) + c_box |b_q - b_m|_1 - c_overlap GIoU(b_q, b_m)
    with p_qm the probability of m's class by q, and f+ and f- what the focal loss of a right and of a wrong class would
    be (Carion et al., 2020, eq. 2, with the class cost of Zhu et al., 2021).

    Args:
        logits: (Q, C) of each class.
        boxes: (Q, 4) centres, in shares of the image.
        labels: (M,) of the objects.
        targets: (M, 4) theirs, likewise.
    """
    with torch.no_grad():
        chosen = logits.float()[:, labels]  # (Q, M)
        share = chosen.sigmoid()
        right = ALPHA * (1 - share) ** GAMMA * torch.nn.functional.softplus(-chosen)
        wrong = (1 - ALPHA) * share**GAMMA * torch.nn.functional.softplus(chosen)
        boxes, targets = boxes.float(), targets.float()
        distance = torch.cdist(boxes, targets, p=1)
        overlap = generalized_box_iou(centres_to_corners(boxes), centres_to_corners(targets))
        cost: Tensor = costs.label * (right - wrong) + costs.box * distance - costs.overlap * overlap
        return cost


def match(cost: Tensor) -> tuple[Tensor, Tensor]:
    """Rows and columns (min(Q, M),) of a cost matrix (Q, M) that pair off at the least total cost.

    Raises:
        FloatingPointError: a cost isn't a number, so the predictions aren't either.
    """
    if not cost.isfinite().all():
        raise FloatingPointError("the model's predictions are not numbers, so they can't be matched")
    rows, columns = linear_sum_assignment(cost.cpu().numpy())
    return torch.from_numpy(rows).to(cost.device), torch.from_numpy(columns).to(cost.device)
