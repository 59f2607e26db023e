"""Images in memory as batches: the rows asked for, augmented in training and named in evaluation."""

import numpy as np
import pytest
import torch

from attnlab.data import ImageCodec
from attnlab.data.classification.sets import LabelledImages
from attnlab.data.images.augmentation import Augmentation, augment
from attnlab.data.images.batch import StoredImages, ready
from attnlab.data.loading.stream import Wanted

IMAGES = LabelledImages(
    torch.randint(0, 256, (11, 3, 5, 7), generator=torch.Generator().manual_seed(2)).byte(),
    torch.arange(11) % 3,
    [f"image {number}" for number in range(11)],
)
ROWS = np.array([7, 2, 5])


@pytest.fixture
def stored() -> StoredImages:
    return StoredImages({"val": IMAGES}, augmentation=Augmentation(max_shift=2, horizontal_flip=True), seed=3)


def test_evaluation_shows_the_rows_as_they_are_by_name(stored: StoredImages) -> None:
    batch = stored(Wanted("val", ROWS, None))
    assert batch.draws is None
    assert batch.names == ["image 7", "image 2", "image 5"]
    assert batch.ids.tolist() == ROWS.tolist()
    assert torch.equal(batch.images, IMAGES.images[ROWS])
    assert torch.equal(batch.labels, IMAGES.labels[ROWS])


def test_what_is_done_to_a_training_batch_follows_from_its_place(stored: StoredImages) -> None:
    one, again, other = (stored(Wanted("val", ROWS, place)) for place in ((1, 4), (1, 4), (2, 4)))
    assert one.names is None
    assert torch.equal(one.images, IMAGES.images[ROWS])  # moved on the device only
    assert one.draws is not None
    assert again.draws is not None
    assert other.draws is not None
    assert torch.equal(one.draws.shifts, again.draws.shifts)
    assert not torch.equal(one.draws.shifts, other.draws.shifts)


def test_a_batch_is_ready_once_augmented_normalised_and_cast(stored: StoredImages) -> None:
    codec = ImageCodec(classes=["a", "b", "c"], channels=3, height=5, width=7, mean=[0.5, 0.4, 0.3], std=[0.2] * 3)
    raw = stored(Wanted("val", ROWS, (1, 4)))
    batch = ready(raw, lambda images: images.bfloat16(), codec=codec)
    assert raw.draws is not None
    assert torch.equal(batch.images, codec.normalise(augment(raw.images, raw.draws)).bfloat16())
    shown = ready(stored(Wanted("val", ROWS, None)), lambda images: images, codec=codec)
    assert torch.equal(shown.images, codec.normalise(IMAGES.images[ROWS]))
    assert shown.names == ["image 7", "image 2", "image 5"]
