"""Images in memory: what is held out, in which order they come, and what a model is shown."""

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from attnlab.data import ImageClassificationDataModule, ImageCodec
from attnlab.data.classification.sets import LabelledImages
from attnlab.data.images.augmentation import augment
from attnlab.data.images.batch import RawImages, ready
from attnlab.data.loading.stream import Wanted
from attnlab.errors import UserError


class _Set:
    """Three classes of unequal number; no two images alike."""

    classes = ("a", "b", "c")
    channels, height, width = 3, 5, 7

    def read(self, *, root: Path | None, cache_dir: Path) -> dict[str, LabelledImages]:
        random = torch.Generator().manual_seed(7)
        return {
            split: LabelledImages(
                torch.randint(0, 256, (num, 3, 5, 7), generator=random).byte(),
                torch.randint(0, 3, (num,), generator=random),
                [f"{split}/{number}" for number in range(num)],
            )
            for split, num in (("train", 101), ("test", 31))
        }


def _module(**changes: Any) -> ImageClassificationDataModule:
    return ImageClassificationDataModule(_Set(), **({"batch_size": 8, "num_val": 20, "seed": 3} | changes))


def _prepared(**changes: Any) -> ImageClassificationDataModule:
    module = _module(**changes)
    module.prepare_data()
    return module


def _batches(module: ImageClassificationDataModule, num: int) -> list[RawImages]:
    return list(islice(module.train_dataloader(), num))


def _tensors(batches: list[RawImages]) -> list[Tensor]:
    return [t for b in batches for t in (b.ids, b.images, b.labels, b.draws.shifts, b.draws.flips)]  # type: ignore[union-attr]


def _names(module: ImageClassificationDataModule, split: str) -> list[str]:
    told = module._make(Wanted(split, np.arange(module.num_examples(split)), None)).names
    assert told is not None
    return list(told)


def test_the_last_of_each_class_are_held_out() -> None:
    module, given = _prepared(), _Set().read(root=None, cache_dir=Path())["train"]
    train, val = _names(module, "train"), _names(module, "val")
    assert (len(train), len(val)) == (81, 20)
    assert sorted([*train, *val]) == sorted(given.names)
    label = dict(zip(given.names, given.labels.tolist(), strict=True))
    assert sorted(np.bincount([label[name] for name in val]).tolist()) == [6, 7, 7]
    for each in range(3):
        own = [name for name in given.names if label[name] == each]
        num = sum(label[name] == each for name in val)
        assert [name for name in val if label[name] == each] == own[-num:]


def test_fewer_training_images_leave_the_other_splits_as_they_are() -> None:
    few, whole = _prepared(num_train=9), _prepared()
    assert _names(few, "val") == _names(whole, "val")
    assert set(_names(few, "train")) < set(_names(whole, "train"))
    labels = torch.cat([batch.labels for batch in _batches(few, 2)])
    assert torch.bincount(labels).tolist() == [3, 3, 3]


def test_an_image_belongs_to_its_name_and_label() -> None:
    module, given = _prepared(), _Set().read(root=None, cache_dir=Path())
    row = {name: number for number, name in enumerate(given["train"].names)}
    for split, loader in (("val", module.val_dataloader()), ("train", islice(module.train_dataloader(), 11))):
        names = _names(module, split)
        for batch in loader:
            for number, image, label in zip(batch.ids.tolist(), batch.images, batch.labels.tolist(), strict=True):
                place = row[names[number]]
                assert torch.equal(image, given["train"].images[place])
                assert torch.equal(image, module.image(split, number))
                assert label == given["train"].labels[place]


def test_evaluation_shows_every_image_once_as_it_is() -> None:
    batches = list(_prepared().test_dataloader())
    assert sorted(torch.cat([batch.ids for batch in batches]).tolist()) == list(range(31))
    assert all(batch.draws is None for batch in batches)
    assert max(len(batch.labels) for batch in batches) <= 8


def test_a_resume_sees_the_same_images_moved_alike() -> None:
    module = _prepared()
    num = module.num_train_batches(0, 1)
    whole = _batches(module, 2 * num + 3)
    for start in (1, num, num + 4):
        resumed = _prepared()
        resumed.start_batch = start
        rest = _batches(resumed, 2 * num + 3 - start)
        assert all(torch.equal(a, b) for a, b in zip(_tensors(whole[start:]), _tensors(rest), strict=True))
    first, second = torch.cat([b.ids for b in whole[:num]]), torch.cat([b.ids for b in whole[num : 2 * num]])
    assert sorted(first.tolist()) == sorted(second.tolist()) == list(range(81))
    assert first.tolist() != second.tolist()
    assert not torch.equal(whole[0].draws.shifts[:7], whole[num].draws.shifts[:7])  # type: ignore[union-attr]


@pytest.mark.parametrize("world_size", [2, 3])
def test_processes_share_a_pass_out_and_draw_as_one_would(monkeypatch: pytest.MonkeyPatch, world_size: int) -> None:
    ids: list[int] = []
    draws: list[tuple[int, ...]] = []
    for rank in range(world_size):
        module = _prepared()
        monkeypatch.setattr("attnlab.data.module.place", lambda _, rank=rank: (rank, world_size))
        for batch in _batches(module, module.num_train_batches(0, world_size)):
            ids += batch.ids.tolist()
            draws.append(tuple(batch.draws.shifts.flatten().tolist()))  # type: ignore[union-attr]
    assert sorted(ids) == list(range(81))
    assert len(set(draws)) == len(draws)


def test_what_a_model_is_shown_has_zero_mean_and_unit_variance_channel_by_channel() -> None:
    module = _prepared()
    everything = torch.stack([module.image("train", number) for number in range(81)])
    shown = module.codec.normalise(everything)
    assert shown.dtype == torch.float32
    assert torch.allclose(shown.mean((0, 2, 3)), torch.zeros(3), atol=1e-3)
    assert torch.allclose(shown.std((0, 2, 3)), torch.ones(3), atol=1e-3)


def test_a_training_batch_is_augmented_and_an_evaluation_batch_is_not() -> None:
    module = _prepared()
    (raw,) = _batches(module, 1)
    batch = module.on_after_batch_transfer(raw, 0)
    assert torch.equal(batch.images, module.codec.normalise(augment(raw.images, raw.draws)))  # type: ignore[arg-type]
    assert not torch.equal(batch.images, module.codec.normalise(raw.images))
    plain = ready(raw._replace(draws=None), lambda images: images, codec=module.codec)
    assert torch.equal(plain.images, module.codec.normalise(raw.images))
    assert torch.equal(plain.ids, raw.ids)


def test_the_codec_is_its_plain_values() -> None:
    codec = _prepared().codec
    again = ImageCodec(**codec.state())
    assert again.state() == codec.state()
    assert again.sizes == {"num_classes": 3, "in_channels": 3, "height": 5, "width": 7}
    assert all(isinstance(value, (int, list)) for value in codec.state().values())


def test_a_models_own_normalisation_is_kept() -> None:
    own = ImageCodec(**(_prepared().codec.state() | {"mean": [0.1, 0.2, 0.3]}))
    module = _module()
    module.adopt(own)
    module.prepare_data()
    assert module.codec is own
    other = _module()
    other.adopt(ImageCodec(**(own.state() | {"classes": ["x", "y"]})))
    with pytest.raises(UserError, match="knows the classes x, y, got a, b, c"):
        other.prepare_data()


def test_the_sizes_are_known_before_any_data_is() -> None:
    assert _module().example_sizes == _prepared().sizes


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"batch_size": 0}, r"batch_size must be 1 or more, got 0 \(set data.batch_size\)"),
        ({"seed": -1}, r"seed must be 0 or more, got -1 \(set data.seed\)"),
        ({"num_val": 2}, r"num_val must be 3 or more, one a class, got 2 \(set data.num_val\)"),
        ({"num_train": 0}, r"num_train must be 3 or more, one a class, got 0 \(set data.num_train\)"),
        ({"max_shift": -3}, r"max_shift must be 0 or more, got -3 \(set data.max_shift\)"),
        ({"max_shift": 5}, r"max_shift must be 4 or less, got 5 \(set data.max_shift\)"),
    ],
)
def test_a_setting_out_of_range_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _module(**changes)


@pytest.mark.parametrize("changes", [{"num_val": 101}, {"num_train": 82}])
def test_more_images_than_there_are_cannot_be_asked_for(changes: dict[str, Any]) -> None:
    with pytest.raises(UserError, match=r"got 101 of which .*\(set data.num_val and data.num_train\)"):
        _module(**changes).prepare_data()
