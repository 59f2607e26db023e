"""Batches of boxed pictures: what is in them, their order, and that interruptions and processes change nothing."""

import shutil
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from boxed_files import BOXES, SETS, SIZES, picture, write_voc
from PIL import Image
from torch import Tensor

from attnlab.data import DetectionAugmentation, DetectionBatch, DetectionCodec, DetectionDataModule, VocFolder
from attnlab.errors import UserError

CLASSES = ["cat", "dog"]


def _module(folder: Path, **changes: Any) -> DetectionDataModule:
    arguments: dict[str, Any] = {
        "height": 32,
        "width": 48,
        "channels": 3,
        "batch_size": 2,
        "augmentation": DetectionAugmentation(min_window=0.7, max_window=1.2),
        "root": str(folder),
        "cache_dir": str(folder / "cache"),
        "seed": 3,
    } | changes
    module = DetectionDataModule(VocFolder(train="train", val="val", test="test"), **arguments)
    module.prepare_data()
    return module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_voc(tmp_path / "set")


def _same(one: DetectionBatch, other: DetectionBatch) -> bool:
    return one.truth is other.truth is None and all(
        torch.equal(a, b) for a, b in zip(one[:-1], other[:-1], strict=True)
    )


def test_pictures_are_scaled_in_proportion_into_a_corner_and_boxes_with_them(folder: Path) -> None:
    module = _module(folder, batch_size=5)
    [batch] = module.val_dataloader()
    width, height = SIZES["three"]  # 31 by 31
    assert batch.images.shape == (1, 3, 32, 48)
    assert batch.extents.tolist() == [[32, 32]]
    assert (batch.images[:, :, :, 32:] == 0).all()
    expected = np.asarray(picture("three").resize((32, 32), Image.Resampling.BILINEAR))
    assert torch.equal(batch.images[0, :, :, :32].permute(1, 2, 0), torch.from_numpy(expected.copy()))
    scale = torch.tensor([32 / width, 32 / height] * 2)
    assert torch.allclose(batch.boxes[0], torch.tensor([each[1:] for each in BOXES["three"]]) * scale)
    assert batch.labels.tolist() == [[0, 0]]
    [truth] = batch.truth
    assert truth.size == (height, width)
    assert truth.name == "JPEGImages/three.png"


def test_objects_are_padded_and_pictures_without_any_have_none(folder: Path) -> None:
    module = _module(folder, batch_size=3, augmentation=DetectionAugmentation(horizontal_flip=False))
    batch = next(iter(module.train_dataloader()))
    labels = dict(zip(batch.ids.tolist(), batch.labels.tolist(), strict=True))
    assert labels == {0: [0, 1], 1: [1, -1], 2: [-1, -1]}
    assert batch.boxes.shape == (3, 2, 4)
    assert (batch.boxes[batch.labels < 0] == 0).all()


def test_ignored_objects_are_not_trained_on_but_are_told_of(folder: Path) -> None:
    path = folder / "Annotations" / "three.xml"
    path.write_text(path.read_text().replace("<difficult>0", "<difficult>1", 1))
    module = _module(folder)
    [batch] = module.val_dataloader()
    assert batch.labels.tolist() == [[0]]
    [truth] = batch.truth
    assert truth.objects.ignored.tolist() == [True, False]


def test_every_pass_has_every_picture_once_in_an_order_of_its_own(folder: Path) -> None:
    module = _module(folder, batch_size=1)
    batches = list(islice(module.train_dataloader(), 9))
    passes = [[int(batch.ids) for batch in batches[start : start + 3]] for start in (0, 3, 6)]
    assert [sorted(each) for each in passes] == [[0, 1, 2]] * 3
    pictures = {int(each.ids): each.images for each in batches[:3]}
    again = {int(each.ids): each.images for each in batches[3:6]}
    assert not all(torch.equal(pictures[number], again[number]) for number in range(3))  # augmented anew


@pytest.mark.parametrize("taken", [1, 2, 5])
@pytest.mark.parametrize("more", [{}, {"memory_mb": 0}, {"num_workers": 1}])
def test_training_goes_on_from_any_batch_with_the_very_same_ones(
    folder: Path, taken: int, more: dict[str, int]
) -> None:
    whole = list(islice(_module(folder).train_dataloader(), 7))
    module = _module(folder, **more)
    module.start_batch = taken
    rest = list(islice(module.train_dataloader(), 7 - taken))
    assert all(_same(one, other) for one, other in zip(whole[taken:], rest, strict=True))


def test_another_seed_gives_other_batches(folder: Path) -> None:
    one, other = (next(iter(_module(folder, seed=seed, batch_size=3).train_dataloader())) for seed in (1, 2))
    assert not torch.equal(one.images, other.images)


def test_batches_are_normalised_by_the_training_pictures(folder: Path) -> None:
    module = _module(folder, batch_size=3, augmentation=DetectionAugmentation(horizontal_flip=False))
    raw = next(iter(module.train_dataloader()))
    made = module.on_after_batch_transfer(raw, 0)
    assert made.images.dtype == torch.float32
    assert all(torch.equal(one, other) for one, other in zip(made[2:5], raw[2:5], strict=True))
    means = [
        image[:, :height, :width].mean((1, 2))
        for image, (height, width) in zip(made.images, made.extents.tolist(), strict=True)
    ]
    assert torch.allclose(torch.stack(means).mean(0), torch.zeros(3), atol=1e-3)


def test_the_codec_survives_as_plain_values(folder: Path) -> None:
    codec = _module(folder).codec
    again = DetectionCodec(**codec.state())
    assert again.state() == codec.state()
    assert codec.sizes == {"num_classes": 2, "in_channels": 3, "max_height": 32, "max_width": 48}
    image = picture("four")
    assert torch.equal(codec.prepare(image).pixels, again.prepare(image).pixels)
    bytes_: Tensor = torch.randint(0, 256, (2, 3, 5, 7)).byte()
    assert torch.equal(codec.normalise(bytes_), again.normalise(bytes_))


def test_example_sizes_are_the_sizes_but_for_classes_that_are_yet_to_be_read(folder: Path) -> None:
    module = _module(folder)
    assert module.example_sizes == module.sizes | {"num_classes": 7}


def test_what_a_run_records_of_its_data(folder: Path) -> None:
    summary = _module(folder).summary
    assert summary["images"] == {split: len(names) for split, names in SETS.items()}
    assert summary["repaired"] == summary["broken"] == {}


def test_a_trained_models_canvas_and_classes_must_be_the_datas(folder: Path) -> None:
    state = _module(folder).codec.state()
    module = DetectionDataModule(
        VocFolder(train="train", val="val", test="test"),
        height=32,
        width=48,
        channels=3,
        batch_size=2,
        augmentation=DetectionAugmentation(),
        root=str(folder),
        cache_dir=str(folder / "cache"),
    )
    module.adopt(DetectionCodec(**state | {"height": 64}))
    with pytest.raises(UserError, match=r"the model takes images of .*64.*, got .*\(set data"):
        module.prepare_data()
    module.adopt(DetectionCodec(**state | {"classes": ["cat", "emu"]}))
    with pytest.raises(UserError, match=r"the model knows the classes cat, emu, got also dog \(set data"):
        module.prepare_data()


def test_grey_is_read_as_one_channel(folder: Path) -> None:
    module = _module(folder, channels=1)
    assert next(iter(module.train_dataloader())).images.shape[1] == 1
    assert module.sizes["in_channels"] == 1


@pytest.mark.parametrize(
    "change, message",
    [
        ({"batch_size": 0}, "batch_size must be 1 or more, got 0 (set data.batch_size)"),
        ({"height": 4}, "height must be 8 or more, got 4 (set data.height)"),
        ({"channels": 4}, "channels must be 3 for colour or 1 for grey, got 4 (set data.channels)"),
        ({"num_workers": -1}, "num_workers must be 0 or more, got -1 (set data.num_workers)"),
        ({"seed": -1}, "seed must be 0 or more, got -1 (set data.seed)"),
    ],
)
def test_numbers_out_of_range_are_refused(folder: Path, change: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011  # the text is compared
        _module(folder, **change)
    assert str(refusal.value) == message


def _held_out(root: Path, codec: DetectionCodec | None = None, trained_on: str | None = None) -> DetectionDataModule:
    module = DetectionDataModule(
        VocFolder(train="train", val="val", test=None, test_share=0.3),
        height=32,
        width=48,
        channels=3,
        batch_size=2,
        augmentation=DetectionAugmentation(),
        root=str(root),
        cache_dir=str(root.parent / "cache"),
    )
    if codec is not None:
        module.adopt(codec, trained_on=trained_on)
    module.prepare_data()
    return module


def test_a_trained_model_is_tested_on_what_was_held_out_and_of_other_data_on_all(folder: Path, tmp_path: Path) -> None:
    own = _held_out(folder)
    again = _held_out(folder, own.codec)
    assert again.checksum == own.checksum
    assert again.summary["images"] == {"test": 1}
    assert again.test_origin == "1 of 3 images (those that data.source.test_share holds out)"
    [truth] = next(iter(again.test_dataloader())).truth
    [held] = next(iter(own.test_dataloader())).truth
    assert truth.name == held.name
    moved = _held_out(Path(shutil.copytree(folder, tmp_path / "moved")), own.codec, own.checksum)
    assert moved.summary["images"] == {"test": 1}  # the same data, elsewhere
    other = write_voc(tmp_path / "other", boxes=BOXES | {"one": [("dog", 3, 5, 20, 17)]})
    whole = _held_out(other, own.codec, own.checksum)
    assert whole.summary["images"] == {"test": 4}
    assert whole.test_origin == "all 4 images, none of which is set apart for test"
