"""What a generator is given and what it gives, and how good that is."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from attnlab.metrics.generation import GenerationScores
from attnlab.tasks.processes import gathered

AT_ONCE = 64  # images that a generator makes in one go


def draw_latents(num: int, dim: int, *, seed: int) -> Tensor:
    """(num, dim) standard normal, on the CPU; the first ones are the same for any `num`."""
    draw = torch.Generator().manual_seed(seed)
    return torch.stack([torch.randn(dim, generator=draw) for _ in range(num)])


def to_pictures(images: Tensor) -> Tensor:
    """uint8 of images in [-1, 1]."""
    return ((images.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


class SampleScores:
    """Scores of samples against the images of a split.

    Sample k is made of latent k and, of a conditional model, for the label of image k; where there are more samples
    than images, those begin again. A sample is scored with its image, so that no process has more of them than others,
    and each sample is scored once.

    Args:
        extractor, classes: as in `GenerationScores`.
    """

    def __init__(self, extractor: Any, *, classes: Sequence[str] | None) -> None:
        self.scores = GenerationScores(extractor, classes=classes)

    def begin(self, latents: Tensor, *, num_images: int) -> None:
        """Score the samples of `latents` against the `num_images` images of the split."""
        self.scores.reset()
        self.latents, self.num_images, self._num_scored = latents, num_images, 0

    def update(
        self,
        ids: Tensor,
        pictures: Tensor,
        labels: Tensor | None,
        draw: Callable[[Tensor, Tensor | None], Tensor],
    ) -> None:
        """Add images uint8 (B, C, H, W) and the samples that go with them, which `draw(latents, labels)` makes."""
        self.scores.update_real(pictures)
        turns = [
            (number, row)
            for row, first in enumerate(ids.tolist())
            for number in range(first, len(self.latents), self.num_images)
        ]
        for start in range(0, len(turns), AT_ONCE):
            numbers, rows = torch.tensor(turns[start : start + AT_ONCE]).T
            chosen = None if labels is None else labels[rows.to(labels.device)]
            self.scores.update_generated(draw(self.latents[numbers], chosen), chosen)
        self._num_scored += len(turns)

    def compute(self) -> dict[str, float | Tensor]:
        """The scores so far; all processes must call this."""
        return self.scores.compute()

    def num_samples(self) -> int:
        """Samples scored so far; all processes must call this."""
        return sum(gathered(self._num_scored))
