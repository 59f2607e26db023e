"""Each sample is scored once, with the image and the label that its number goes with."""

import pytest
import torch
from tiny_generation import TinyExtractor
from torch import Tensor

from attnlab.tasks.adversarial import sampling
from attnlab.tasks.adversarial.sampling import SampleScores

NUM_IMAGES = 7
IMAGES = torch.arange(NUM_IMAGES * 9, dtype=torch.uint8).view(NUM_IMAGES, 1, 3, 3)
LABELS = torch.tensor([3, 1, 4, 1, 5, 2, 6])


class Kept:
    """In the place of the scores: what they were given."""

    def __init__(self) -> None:
        self.real: list[int] = []
        self.samples: list[tuple[int, int | None]] = []

    def reset(self) -> None:
        self.__init__()  # type: ignore[misc]

    def update_real(self, pictures: Tensor) -> None:
        self.real += (pictures[:, 0, 0, 0] // 9).tolist()

    def update_generated(self, pictures: Tensor, labels: Tensor | None) -> None:
        known = [None] * len(pictures) if labels is None else labels.tolist()
        self.samples += zip(pictures.tolist(), known, strict=True)


def _scores(num_samples: int) -> tuple[SampleScores, Kept]:
    scores, kept = SampleScores(TinyExtractor(), classes=None), Kept()
    scores.scores = kept  # type: ignore[assignment]
    scores.begin(torch.arange(num_samples), num_images=NUM_IMAGES)
    return scores, kept


def _draw(latents: Tensor, labels: Tensor | None) -> Tensor:
    return latents  # a sample is its latent's number here


@pytest.mark.parametrize("at_once", [2, 100])
@pytest.mark.parametrize("num_samples", [3, 7, 17])
@pytest.mark.parametrize("batches", [[[0, 1, 2, 3, 4, 5, 6]], [[5, 0], [6, 2, 3], [1], [4]]])
def test_sample_k_goes_with_image_k_and_images_begin_again(
    at_once: int, num_samples: int, batches: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "AT_ONCE", at_once)
    scores, kept = _scores(num_samples)
    for rows in batches:
        scores.update(torch.tensor(rows), IMAGES[rows], LABELS[rows], _draw)
    assert sorted(kept.real) == list(range(NUM_IMAGES))
    assert sorted(kept.samples) == [(number, int(LABELS[number % NUM_IMAGES])) for number in range(num_samples)]
    assert scores.num_samples() == num_samples


def test_beginning_again_forgets_and_labels_may_be_unknown() -> None:
    scores, kept = _scores(17)
    scores.update(torch.tensor([0]), IMAGES[:1], None, _draw)
    assert kept.samples == [(0, None), (7, None), (14, None)]
    scores.begin(torch.arange(3), num_images=NUM_IMAGES)
    assert scores.num_samples() == 0
    assert not kept.samples
