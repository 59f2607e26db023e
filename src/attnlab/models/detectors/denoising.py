"""Queries that begin near an object, to learn from besides those that must find theirs."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from attnlab.errors import between
from attnlab.models.detectors.boxes import inverse_sigmoid
from attnlab.models.detectors.detector import Objects
from attnlab.models.detectors.matching import Pairs


class NoisyQueries(NamedTuple):
    """Each image's objects `num_groups` times over, in rows of their own: group g of image b is row b G + g."""

    content: Tensor  # (B G, M, D)
    anchors: Tensor  # (B G, M, 4) logits of centres in shares
    mask: Tensor  # (B G, M) True where there is an object
    objects: Objects  # of each row, (B G, M, ...)

    def pairs(self, num_layers: int) -> Pairs:
        """Each query answers for its own object, in every layer."""
        rows, queries = self.mask.nonzero(as_tuple=True)
        layers = torch.arange(num_layers, device=rows.device).repeat_interleave(len(rows))
        queries = queries.repeat(num_layers)
        return Pairs(layers * len(self.mask) + rows.repeat(num_layers), queries, queries)


class Denoising(nn.Module):
    """Objects with shaken boxes and some other labels, from which the decoder learns to find back (Li et al., 2022).

    centre + u size λ / 2,   size (1 + u λ), each u uniform in [-1, 1];   a label becomes any other class's with
    probability `label_noise`. Groups stand in rows of the batch of their own, so that no query sees another group's
    objects, whatever the attention: the paper's masks need one that takes masks.

    Args:
        num_groups: copies of each object.
        box_noise: λ, in (0, 1).

    Raises:
        ValueError: a number out of its range.
    """

    def __init__(self, dim: int, *, num_classes: int, num_groups: int, box_noise: float, label_noise: float) -> None:
        super().__init__()
        if num_groups < 1:
            raise ValueError(f"denoising needs 1 group or more, got {num_groups} (set model.num_denoising_groups)")
        between(1, 1000, "model", num_denoising_groups=num_groups)
        if not 0 < box_noise < 1:
            raise ValueError(f"box_noise must lie in (0, 1), got {box_noise} (set model.box_noise)")
        if not 0 <= label_noise <= 1:
            raise ValueError(f"label_noise must lie in [0, 1], got {label_noise} (set model.label_noise)")
        self.num_groups, self.box_noise, self.label_noise = num_groups, box_noise, label_noise
        self.num_classes = num_classes
        self.content = nn.Embedding(num_classes, dim)
        nn.init.normal_(self.content.weight, std=0.1)

    def forward(self, objects: Objects, *, most: int) -> NoisyQueries | None:
        """Queries for `objects`, boxes as centres in shares, at most `most` an image; None without any object."""
        longest = min(int(objects.counts.max()), most)
        if longest == 0:
            return None
        repeated = Objects(*(part[:, :longest].repeat_interleave(self.num_groups, dim=0) for part in objects))
        mask = repeated.labels >= 0
        labels = repeated.labels.clamp(min=0)
        exchanged = torch.rand(labels.shape, device=labels.device) < self.label_noise
        # From 1 to C - 1 classes on: any class but its own.
        others = labels + torch.randint(1, max(2, self.num_classes), labels.shape, device=labels.device)
        labels = torch.where(exchanged, others % self.num_classes, labels)
        middle, size = repeated.boxes.chunk(2, dim=-1)
        shaken = 2 * torch.rand_like(repeated.boxes) - 1
        middle = middle + shaken[..., :2] * size * self.box_noise / 2
        size = size * (1 + shaken[..., 2:] * self.box_noise)
        anchors = inverse_sigmoid(torch.cat([middle, size], dim=-1))
        return NoisyQueries(self.content(labels), anchors, mask, repeated)
