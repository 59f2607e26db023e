"""Composed scenes: a function of their number, made of the right images, with boxes exactly around what shows."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from attnlab.data import DetectionAugmentation, DetectionDataModule, FashionMnistSmall, FashionScenes
from attnlab.data.detection import fashion_scenes as scenes
from attnlab.data.detection.sets import DetectionSplits


def _read(**arguments: int) -> DetectionSplits:
    source = FashionScenes(**{"num_train": 101, "num_val": 29, "num_test": 31, **arguments})
    return source.read(channels=1, root=None, cache_dir=Path("nowhere"))


@pytest.fixture(scope="module")
def read() -> DetectionSplits:
    return _read()


def test_a_scene_is_a_function_of_seed_split_and_number(read: DetectionSplits) -> None:
    again = _read(num_train=7)
    first = {(split, number): read.splits[split].image(number).tobytes() for split in read.splits for number in (0, 3)}
    for (split, number), pixels in first.items():
        assert again.splits[split].image(number).tobytes() == pixels
        for one, other in zip(again.splits[split].objects(number), read.splits[split].objects(number), strict=True):
            assert np.array_equal(one, other)
    assert len(set(first.values())) == len(first)
    assert _read(scene_seed=1).splits["train"].image(0).tobytes() != first["train", 0]


def test_the_checksum_is_of_everything_that_decides_the_scenes(read: DetectionSplits) -> None:
    others = [_read(scene_seed=1), _read(num_train=102), _read(num_test=32)]
    assert _read().checksum == read.checksum
    assert len({read.checksum, *(other.checksum for other in others)}) == 4


def test_scenes_have_one_to_six_garments_of_every_class_and_size(read: DetectionSplits) -> None:
    split = read.splits["train"]
    objects = [split.objects(number) for number in range(len(split))]
    counts = Counter(len(each.labels) for each in objects)
    assert set(counts) == {1, 2, 3, 4, 5, 6}
    boxes = np.concatenate([each.boxes for each in objects])
    assert set(np.concatenate([each.labels for each in objects])) == set(range(10))
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 2:] <= 96).all()
    longer = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    assert 8 < longer.min() < 20 < 40 < longer.max() <= 48
    assert split.size(0) == (96, 96) == split.image(0).size
    assert np.asarray(split.image(0)).dtype == np.uint8


def test_boxes_are_exactly_around_what_shows_of_each_garment(read: DetectionSplits) -> None:
    """On black ground, where all that is bright is a garment's."""
    garments = read.splits["train"].garments  # type: ignore[attr-defined]  # of scenes
    with pytest.MonkeyPatch.context() as patch:
        masks: list[np.ndarray] = []
        patch.setattr(scenes, "_texture", lambda random: np.zeros((96, 96), np.float32))
        found_box = scenes._box
        patch.setattr(scenes, "_box", lambda mask: masks.append(mask.copy()) or found_box(mask))
        overlaps = 0
        for number in range(60):
            masks.clear()
            pixels, objects = scenes.compose_scene(garments, np.random.default_rng(number))
            assert len(masks) == len(objects.labels)
            assert sum(mask.astype(int) for mask in masks).max() == 1  # a pixel shows one garment
            for mask, (left, top, right, bottom) in zip(masks, objects.boxes.astype(int), strict=True):
                rows, columns = mask.nonzero()
                assert (left, top, right, bottom) == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
                overlaps += any(other[top:bottom, left:right].any() for other in masks if other is not mask)
            # Where no garment is nothing was painted, but for the soft edge of one.
            nowhere = ~np.any(masks, axis=0)
            assert (pixels[nowhere] > 60).mean() < 0.02
        assert overlaps > 20


def test_a_garment_that_would_hide_too_much_is_not_laid_down() -> None:
    owner = np.full((4, 5), -1, dtype=np.int8)
    owner[0] = 0
    sizes = [5]
    assert scenes._leaves_enough(owner, owner[0, :2], sizes)
    assert not scenes._leaves_enough(owner, owner[0, :3], sizes)
    assert scenes._leaves_enough(owner, owner[2], sizes)
    owner[0, 0] = -1  # one of its pixels is hidden already
    assert not scenes._leaves_enough(owner, owner[0, 1:3], sizes)


def test_a_garments_shape_is_what_lies_between_bright_pixels_of_row_and_column() -> None:
    image = np.zeros((28, 28), dtype=np.uint8)
    image[4:20, 6:11] = image[4:20, 15:20] = 200  # two legs
    image[4:7, 6:20] = 200  # and what joins them
    image[9:12, 7:9] = 0  # a dark pattern
    image[25, 25] = 5  # a speck
    [garment] = scenes._garments(image[None], np.array([3]))
    shape = np.asarray(garment.shape)
    assert shape.shape == (16, 14)
    assert garment.label == 3
    expected = np.full((16, 14), 255)
    expected[3:, 5:9] = 0  # between the legs
    assert np.array_equal(shape, expected)


def test_val_is_held_out_of_the_training_images_and_test_is_of_the_test_images(read: DetectionSplits) -> None:
    images = FashionMnistSmall().read(root=None, cache_dir=Path("nowhere"))
    sizes = {split: len(part.garments) for split, part in read.splits.items()}  # type: ignore[attr-defined]
    assert sizes == {"train": 10_800, "val": 1_200, "test": 10_000}
    labels = [garment.label for garment in read.splits["val"].garments]  # type: ignore[attr-defined]
    assert Counter(labels) == dict.fromkeys(range(10), 120)
    held = scenes._held_out(images["train"].labels.numpy())
    cut = scenes._garments(images["train"].images[:, 0].numpy()[held][:50], images["train"].labels.numpy()[held][:50])
    for mine, theirs in zip(cut, read.splits["val"].garments, strict=False):  # type: ignore[attr-defined]
        assert mine.pixels.tobytes() == theirs.pixels.tobytes()


@pytest.mark.parametrize(
    "change, message",
    [
        ({"num_train": 0}, r"num_train must be 1 or more, got 0 \(set data.source.num_train\)"),
        ({"scene_seed": -1}, r"scene_seed must be 0 or more, got -1 \(set data.source.scene_seed\)"),
    ],
)
def test_numbers_out_of_range_are_refused(change: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _read(**change)


def test_colour_is_refused() -> None:
    source = FashionScenes(num_train=1, num_val=1, num_test=1)
    with pytest.raises(ValueError, match=r"channels must be 1 for this set, got 3 \(set data.channels=1\)"):
        DetectionDataModule(source, height=96, width=96, channels=3, batch_size=2, augmentation=DetectionAugmentation())
