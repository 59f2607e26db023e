"""Made-up pictures show their class where it is said, and nowhere else."""

from pathlib import Path

import pytest
import torch

from attnlab.data import SyntheticClassification
from attnlab.data.classification.synthetic import _textures
from attnlab.data.planted import KnowsPlace

SMALL = {"num_train": 23, "num_test": 11}


def test_the_patch_that_decides_is_the_classes_texture_on_the_grid_of_cells() -> None:
    made = SyntheticClassification(**SMALL)
    assert isinstance(made, KnowsPlace)
    splits = made.read(root=None, cache_dir=Path("nowhere"))
    textures = [torch.from_numpy(each) for each in _textures()]
    for split, (images, labels, names) in splits.items():
        assert images.shape == (SMALL[f"num_{split}"], 1, 28, 28)
        assert len(set(names)) == len(labels)
        for number, (image, label) in enumerate(zip(images, labels.tolist(), strict=True)):
            pixels = made.deciding(split, number)
            assert pixels.sum() == 64
            assert torch.equal(image[0][pixels].view(8, 8), textures[label])
            assert pixels.view(7, 4, 7, 4).transpose(1, 2).flatten(2).sum(-1).unique().tolist() == [0, 16]
    assert torch.bincount(splits["train"].labels).tolist() == [5, 5, 5, 4, 4]


def test_elsewhere_there_are_as_bright_plain_patches_and_noise() -> None:
    made = SyntheticClassification(**SMALL, num_distractors=3)
    images = made.read(root=None, cache_dir=Path("nowhere"))["test"].images
    for number, image in enumerate(images):
        rest = image[0][~made.deciding("test", number)]
        assert (rest == 145).sum() == 3 * 64
        assert rest[rest != 145].max() < 60


def test_no_texture_is_anothers_mirror_image_or_shifted() -> None:
    textures = [torch.from_numpy(each).bool() & (torch.from_numpy(each) > 100) for each in _textures()]
    for place, one in enumerate(textures):
        assert 16 <= one.sum() <= 48
        for other in textures[:place]:
            assert (one != other).sum() > 8
            assert not torch.equal(one.flip(1), other)


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"num_test": 3}, r"num_test must be 5 or more, got 3 \(set data.images.num_test\)"),
        ({"num_distractors": 9}, r"at most 4 distractors have room, got 9 \(set data.images.num_distractors\)"),
    ],
)
def test_what_cannot_be_made_is_refused(changed: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SyntheticClassification(**SMALL | changed)
