"""How good what a generator gives is."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from attnlab.metrics.generation.scores import GenerationScores
from attnlab.models.adversarial.predictor import AT_ONCE
from attnlab.processes import gathered


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
