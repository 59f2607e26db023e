"""Boxed pictures as batches: padded, kept in memory without changing anything, with truth in evaluation alone."""

from pathlib import Path

import numpy as np
import pytest
import torch
from boxed_files import BOXES, SETS, SIZES, read_voc, write_voc

from attnlab.data import DetectionAugmentation, DetectionBatch, DetectionCodec
from attnlab.data.detection.batch import DetectionReader, ready
from attnlab.data.detection.sets import DetectionSplits
from attnlab.data.loading.stream import Wanted

CODEC = DetectionCodec(classes=["cat", "dog"], channels=3, height=32, width=48, mean=[0.5, 0.4, 0.3], std=[0.2] * 3)
ROWS = np.array([2, 0])  # five, without objects; one, with two


@pytest.fixture
def found(tmp_path: Path) -> DetectionSplits:
    return read_voc(write_voc(tmp_path / "set"))


def _reader(found: DetectionSplits, keep: tuple[str, ...] = ()) -> DetectionReader:
    return DetectionReader(found.splits, CODEC, augmentation=DetectionAugmentation(min_window=0.7), keep=keep, seed=3)


def _same(one: DetectionBatch, other: DetectionBatch) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one[:-1], other[:-1], strict=True))


def test_objects_are_scaled_with_their_picture_and_padded(found: DetectionSplits) -> None:
    batch = _reader(found)(Wanted("train", ROWS, None))
    assert batch.ids.tolist() == [2, 0]
    assert batch.labels.tolist() == [[-1, -1], [0, 1]]
    width, height = SIZES["one"]
    extent = batch.extents[1]
    scale = torch.tensor([extent[1] / width, extent[0] / height] * 2)
    assert torch.allclose(batch.boxes[1], torch.tensor([each[1:] for each in BOXES["one"]]) * scale)
    assert not batch.boxes[0].any()
    none = _reader(found)(Wanted("train", ROWS[:1], None))
    assert none.boxes.shape == (1, 1, 4)  # no batch is without a place for objects


def test_truth_is_of_the_original_pictures_and_of_evaluation(found: DetectionSplits) -> None:
    truth = _reader(found)(Wanted("train", ROWS, None)).truth
    assert truth is not None
    assert [each.name for each in truth] == [f"JPEGImages/{SETS['train'][row]}.png" for row in ROWS]
    assert [each.size for each in truth] == [SIZES["five"][::-1], SIZES["one"][::-1]]
    assert truth[1].objects.boxes.tolist() == [list(each[1:]) for each in BOXES["one"]]
    assert _reader(found)(Wanted("train", ROWS, (0, 0))).truth is None


def test_a_pass_and_a_picture_decide_what_is_done_to_it(found: DetectionSplits) -> None:
    reader = _reader(found)
    batch = reader(Wanted("train", ROWS, (1, 0)))
    assert _same(batch, reader(Wanted("train", ROWS, (1, 5))))
    assert not _same(batch, reader(Wanted("train", ROWS, (2, 0))))
    alone = reader(Wanted("train", ROWS[1:], (1, 0)))
    assert torch.equal(alone.images[0], batch.images[1])


@pytest.mark.parametrize("place", [None, (1, 0)])
def test_pictures_kept_in_memory_are_read_once_and_are_the_same(
    found: DetectionSplits, place: tuple[int, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh, keeping = _reader(found), _reader(found, keep=("train",))
    expected = fresh(Wanted("train", ROWS, place))
    assert _same(keeping(Wanted("train", ROWS, place)), expected)
    monkeypatch.setattr(DetectionReader, "fitted", lambda *_: pytest.fail("read again"))
    assert _same(keeping(Wanted("train", ROWS, place)), expected)


def test_a_batch_is_ready_once_normalised_and_its_boxes_keep_their_digits(found: DetectionSplits) -> None:
    raw = _reader(found)(Wanted("train", ROWS, None))
    batch = ready(raw, lambda images: images.bfloat16(), codec=CODEC)
    assert torch.equal(batch.images, CODEC.normalise(raw.images).bfloat16())
    assert torch.equal(batch.boxes, raw.boxes)
    assert batch.boxes.dtype == torch.float32
