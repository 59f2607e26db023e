"""Images from folders and archives: which belong where, how they are read, and what is said of broken ones."""

import logging
import os
import shutil
import zipfile
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny_images import CLASSES, encoded, picture, write_folder, zipped

from attnlab.data import ImageCodec, ImageFolderDataModule
from attnlab.data.images import files
from attnlab.data.images.batch import RawImages
from attnlab.data.loading.stream import Wanted
from attnlab.errors import UserError
from attnlab.reading.bounds import read_file


def _module(root: Path, **changes: Any) -> ImageFolderDataModule:
    settings = {"image_size": 8, "batch_size": 5, "num_workers": 0, "cache_dir": "cache", "seed": 3} | changes
    return ImageFolderDataModule(root=str(root), **settings)


def _prepared(root: Path, **changes: Any) -> ImageFolderDataModule:
    module = _module(root, **changes)
    module.prepare_data()
    return module


def _names(module: ImageFolderDataModule, split: str) -> list[str]:
    told = module._make(Wanted(split, np.arange(module.num_examples(split)), None)).names
    assert told is not None
    return list(told)


def _batches(module: ImageFolderDataModule, num: int) -> list[RawImages]:
    return list(islice(module.train_dataloader(), num))


def _equal(one: list[RawImages], other: list[RawImages]) -> bool:
    def flat(batches: list[RawImages]) -> list[torch.Tensor]:
        return [t for b in batches for t in (b.ids, b.images, b.labels, b.draws.shifts, b.draws.flips)]  # type: ignore[union-attr]

    return len(one) == len(other) and all(torch.equal(a, b) for a, b in zip(flat(one), flat(other), strict=True))


# Which image belongs where


def test_folders_of_splits_are_taken_as_they_are(tmp_path: Path) -> None:
    module = _prepared(write_folder(tmp_path / "images", 4, ("train", "val", "test")))
    assert module.summary["images"] == {"train": 12, "val": 12, "test": 12}
    assert _names(module, "val")[0] == "val/circle/00.png"
    assert module.codec.classes == sorted(CLASSES)
    assert module.sizes == {"num_classes": 3, "in_channels": 3, "height": 8, "width": 8}


@pytest.mark.parametrize("below", [("",), ("train",), ("train", "test"), ("train", "val")])
def test_what_has_no_folder_is_held_out_of_train_class_by_class(tmp_path: Path, below: tuple[str, ...]) -> None:
    root = write_folder(tmp_path / "images", 10, below)
    module = _prepared(root, val_share=0.2, test_share=0.3)
    found = {split: _names(module, split) for split in ("train", "val", "test")}
    everything = [name for names in found.values() for name in names]
    assert sorted(everything) == sorted(path.relative_to(root).as_posix() for path in root.rglob("*.png"))
    for split, own in (("val", 2), ("test", 3)):
        expected = 10 if split in below else own
        counts = Counter(name.split("/")[-2] for name in found[split])
        assert counts == dict.fromkeys(CLASSES, expected)


def test_the_same_images_are_held_out_whatever_the_seed_and_the_place(tmp_path: Path) -> None:
    first = _prepared(write_folder(tmp_path / "images"), seed=3)
    shutil.copytree(tmp_path / "images", tmp_path / "elsewhere")
    second = _prepared(tmp_path / "elsewhere", seed=4)
    assert _names(first, "val") == _names(second, "val")
    assert first.checksum == second.checksum


# Folders and archives


@pytest.mark.parametrize("prefix", ["", "outer/"])
def test_an_archive_gives_what_the_folder_gives(tmp_path: Path, prefix: str) -> None:
    folder = write_folder(tmp_path / "images", 6, ("train", "test"))
    archive = zipped(folder, tmp_path / "images.zip", prefix)
    one, other = _prepared(folder), _prepared(archive)
    assert [prefix + name for name in _names(one, "test")] == _names(other, "test")
    a, b = next(iter(one.test_dataloader())), next(iter(other.test_dataloader()))
    assert torch.equal(a.images, b.images)
    assert torch.equal(a.labels, b.labels)


def test_a_name_that_isnt_utf8_is_refused_before_training(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", 4)
    (folder / "cross" / "00.png").rename(folder / "cross" / os.fsdecode(b"caf\xe9.png"))
    with pytest.raises(UserError, match=r"names in UTF-8, got 'cross/caf\\udce9.png' \(rename it, or its folder\)"):
        _module(folder).prepare_data()


def test_files_that_arent_named_as_images_are_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = write_folder(tmp_path / "images", 4)
    (folder / "circle" / "notes.txt").write_text("x")
    (folder / "README").write_text("x")
    with caplog.at_level(logging.WARNING):
        _prepared(folder)
    assert "left out 2 files in" in caplog.text
    assert "README, circle/notes.txt" in caplog.text


@pytest.mark.parametrize("make", [lambda p: None, lambda p: p.write_bytes(b"PK"), lambda p: p.write_text("words")])
def test_what_is_neither_folder_nor_archive_is_refused(tmp_path: Path, make: Any) -> None:
    make(tmp_path / "images.zip")
    with pytest.raises(UserError, match=r"(must be there, got .*images.zip|got .*images.zip, which is neither)"):
        _module(tmp_path / "images.zip").prepare_data()


def test_classes_that_lose_their_images_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = write_folder(tmp_path / "images", 4)
    (folder / "bird").mkdir()
    for name in ("fish/1.heic", "goat/1.png"):
        (folder / name).parent.mkdir()
        (folder / name).write_bytes(b"x")
    module = _prepared(folder, skip_broken=True)
    assert module.codec.classes == sorted(CLASSES)
    assert {each["kind"]: each["message"] for each in module.warnings} == {
        "empty_classes": "train has no image of bird, fish, goat: the model won't know them",
        "unread_images": f"left out 1 images in {folder} of a kind that isn't read: fish/1.heic (convert them to JPEG "
        "or PNG)",
    }
    assert "train has no image of bird" in caplog.text


def test_a_test_folder_without_a_class_is_told(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", 3, ("train", "valid", "test"))
    shutil.rmtree(folder / "test" / "cross")
    module = _prepared(folder)
    assert [each["message"] for each in module.warnings] == ["test has no image of cross: their scores say nothing"]
    assert module.remedies == {"val": "add images to val", "test": "add images to test"}


def test_names_of_an_archive_that_say_no_encoding_are_told(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", 4)
    for label, name in zip(CLASSES, "猫狗鸟", strict=True):
        (folder / label).rename(folder / name)
    archive = zipped(folder, tmp_path / "images.zip")
    content = archive.read_bytes()
    for name in "猫狗鸟":  # three bytes of UTF-8 each; two of GBK and a letter
        content = content.replace(name.encode(), name.encode("gbk") + b"x")
    with zipfile.ZipFile(archive) as written:
        flags = {info.flag_bits for info in written.infolist()}
    assert flags == {0x800}
    archive.write_bytes(content.replace(b"\x00\x08", b"\x00\x00"))
    module = _prepared(archive)
    assert module.codec.classes == sorted(f"{name}x" for name in "猫狗鸟")
    assert [each["kind"] for each in module.warnings] == ["zip_encoding"]
    assert _prepared(archive, zip_encoding="gbk").warnings == []


# Broken images


@pytest.fixture
def spoilt(tmp_path: Path) -> Path:
    folder = write_folder(tmp_path / "images", 7)
    whole = (folder / "cross" / "01.png").read_bytes()
    (folder / "cross" / "01.png").write_bytes(whole[:40])
    (folder / "circle" / "03.png").write_bytes(b"")
    (folder / "stripe" / "words.jpg").write_text("words")
    return folder


def test_every_broken_image_is_an_error_with_its_name_and_fault(spoilt: Path) -> None:
    for _ in range(2):  # the second time from the cache
        with pytest.raises(UserError) as caught:
            _module(spoilt).prepare_data()
        message = str(caught.value)
        assert message.startswith("every image must be whole, got 3 of 22 that aren't: ")
        for part in (
            "circle/03.png: the file is empty",
            "cross/01.png: ",
            "stripe/words.jpg: of no known image format",
        ):
            assert part in message
        assert message.endswith("(mend or remove them, or set data.skip_broken=true)")


def test_broken_images_that_are_skipped_are_named_and_counted(spoilt: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        module = _prepared(spoilt, skip_broken=True)
    assert "left out 3 of 22 images, which are broken: circle/03.png: the file is empty; " in caplog.text
    assert set(module.summary["broken"]) == {"circle/03.png", "cross/01.png", "stripe/words.jpg"}
    assert sum(module.summary["images"].values()) == 19


@pytest.mark.parametrize("damage", ["shorter", "crc"])
def test_a_damaged_member_of_an_archive_is_broken(tmp_path: Path, damage: str) -> None:
    archive = zipped(write_folder(tmp_path / "images", 4), tmp_path / "images.zip")
    content = bytearray(archive.read_bytes())
    start = content.index(b"\x89PNG")
    content[start : start + 20] = bytes(20) if damage == "crc" else b"\x89PNG" + bytes(16)
    archive.write_bytes(content)
    with pytest.raises(UserError, match=r"got 1 of 12 that aren't: circle/00.png: Bad CRC-32"):
        _module(archive).prepare_data()


def test_a_mended_image_is_looked_at_again_and_the_others_arent(spoilt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _prepared(spoilt, skip_broken=True)
    with monkeypatch.context() as patch:
        patch.setattr("attnlab.data.images.scan.look_at", lambda *_, **__: pytest.fail("opened again"))
        _prepared(spoilt, skip_broken=True)
    (spoilt / "circle" / "03.png").write_bytes(encoded(picture("circle", 3)))
    assert set(_prepared(spoilt, skip_broken=True).summary["broken"]) == {"cross/01.png", "stripe/words.jpg"}


def test_a_file_that_cannot_be_read_is_broken_until_it_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_folder(tmp_path / "images", 4)

    def refused(path: Path, *, mib: int) -> bytes:
        if path.name == "01.png":
            raise PermissionError(13, "Permission denied")
        return read_file(path, mib=mib)

    with monkeypatch.context() as patch:
        patch.setattr(files, "read_file", refused)
        with pytest.raises(UserError, match=r"got 3 of 12 that aren't: circle/01.png: Permission denied; "):
            _module(folder).prepare_data()
    assert _prepared(folder).summary["broken"] == {}


def test_an_archive_that_is_damaged_after_it_was_looked_at_is_looked_at_again(tmp_path: Path) -> None:
    archive = zipped(write_folder(tmp_path / "images", 4), tmp_path / "images.zip")
    _prepared(archive)
    content = bytearray(archive.read_bytes())
    start = content.index(b"\x89PNG")
    content[start : start + 20] = bytes(20)
    archive.write_bytes(content)
    os.utime(archive, ns=(0, archive.stat().st_mtime_ns + 10**9))  # in case the clock is too coarse
    with pytest.raises(UserError, match=r"got 1 of 12 that aren't: circle/00.png: Bad CRC-32"):
        _module(archive).prepare_data()


@pytest.mark.parametrize("num_workers", [0, 1])
def test_an_image_that_breaks_later_is_one_line_naming_it(tmp_path: Path, num_workers: int) -> None:
    folder = write_folder(tmp_path / "images", 4)
    module = _prepared(folder, num_workers=num_workers)
    name = _names(module, "test")[0]
    (folder / name).write_bytes(b"")
    with pytest.raises(UserError, match=f"whole and no longer is, got .*{name}: the file is empty") as caught:
        list(module.test_dataloader())
    assert "\n" not in str(caught.value)


# Batches


def test_evaluation_shows_each_image_once_scaled_and_cut_to_the_middle(tmp_path: Path) -> None:
    module = _prepared(write_folder(tmp_path / "images", 5, ("train", "val", "test")))
    batches = list(module.val_dataloader())
    assert len(batches) == len(module.val_dataloader()) == 3
    assert sorted(torch.cat([batch.ids for batch in batches]).tolist()) == list(range(15))
    for batch in batches:
        assert batch.draws is None
        assert batch.images.dtype == torch.uint8
        assert batch.names is not None
        rows = zip(batch.ids.tolist(), batch.images, batch.labels.tolist(), batch.names, strict=True)
        for number, image, label, name in rows:
            assert torch.equal(image, module.image("val", number))
            assert name.split("/")[1] == module.codec.classes[label]


def test_grey_is_asked_for_with_one_channel(tmp_path: Path) -> None:
    module = _prepared(write_folder(tmp_path / "images", 4), channels=1)
    assert module.sizes["in_channels"] == 1
    assert next(iter(module.test_dataloader())).images.shape[1:] == (1, 8, 8)


def test_the_number_of_workers_and_a_resume_change_nothing(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", 7, ("train", "val", "test"))
    whole = _batches(_prepared(folder, max_shift=2), 11)  # two passes of five batches, and one
    assert _equal(whole, _batches(_prepared(folder, max_shift=2, num_workers=2), 11))
    for start in (3, 5, 8):
        module = _prepared(folder, max_shift=2, num_workers=1)
        module.start_batch = start
        assert _equal(whole[start:], _batches(module, 11 - start))
    other_pass = {
        name: batch for batch in whole[5:10] for name, batch in zip(batch.ids.tolist(), batch.images, strict=True)
    }
    changed = [
        not torch.equal(image, other_pass[name])
        for batch in whole[:5]
        for name, image in zip(batch.ids.tolist(), batch.images, strict=True)
    ]
    assert sum(changed) > 15  # another pass shows other parts of the pictures


def test_reading_leaves_the_runs_generators_alone(tmp_path: Path) -> None:
    module = _prepared(write_folder(tmp_path / "images", 4))
    before = torch.get_rng_state()
    _batches(module, 3)
    list(module.val_dataloader())
    assert torch.equal(before, torch.get_rng_state())


def test_processes_share_a_pass_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_folder(tmp_path / "images", 7, ("train", "val", "test"))
    ids: list[int] = []
    for rank in range(3):
        module = _prepared(folder)
        monkeypatch.setattr("attnlab.data.module.place", lambda _, rank=rank: (rank, 3))
        num = module.num_train_batches(0, 3)
        ids += [number for batch in _batches(module, num) for number in batch.ids.tolist()]
    assert sorted(ids) == list(range(21))


def test_min_crop_of_one_shows_the_middle(tmp_path: Path) -> None:
    module = _prepared(write_folder(tmp_path / "images", 4), min_crop=1.0)
    for batch in _batches(module, 2):
        for number, image in zip(batch.ids.tolist(), batch.images, strict=True):
            assert torch.equal(image, module.image("train", number))


# Settings


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"image_size": 0}, r"image_size must be 1 or more, got 0 \(set data.image_size\)"),
        ({"channels": 4}, r"channels must be 3 for colour or 1 for grey, got 4 \(set data.channels\)"),
        ({"batch_size": 0}, r"batch_size must be 1 or more, got 0 \(set data.batch_size\)"),
        ({"num_workers": -1}, r"num_workers must be 0 or more, got -1 \(set data.num_workers\)"),
        ({"val_share": 0.0}, r"val_share must lie between 0 and 1, got 0.0 \(set data.val_share\)"),
        ({"test_share": 1.0}, r"test_share must lie between 0 and 1, got 1.0 \(set data.test_share\)"),
        ({"min_crop": 0.0}, r"min_crop must be above 0 and at most 1, got 0.0 \(set data.min_crop\)"),
        ({"seed": -1}, r"seed must be 0 or more, got -1 \(set data.seed\)"),
    ],
)
def test_a_setting_out_of_range_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _module(Path("images"), **changes)


def test_a_model_of_other_classes_or_sizes_is_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", 4)
    own = _prepared(folder).codec
    for change, message in (
        ({"classes": ["cat", "dog"]}, r"knows the classes cat, dog, got circle, cross, stripe"),
        ({"height": 9}, r"takes images of .*'height': 9.*, got .*'height': 8"),
    ):
        module = _module(folder)
        module.adopt(ImageCodec(**(own.state() | change)))
        with pytest.raises(UserError, match=message):
            module.prepare_data()


# Evaluation on other images than training's


def _other(root: Path, codec: ImageCodec, **asked: Any) -> ImageFolderDataModule:
    module = _module(root)
    module.adopt(codec, **asked)
    module.prepare_data()
    return module


def test_all_of_other_images_is_test_unless_they_are_split(tmp_path: Path) -> None:
    trained = _prepared(write_folder(tmp_path / "images"))
    assert trained.test_origin == "3 of 30 images (data.test_share=0.1)"
    other = write_folder(tmp_path / "other", 2)  # too few to hold out of
    module = _other(other, trained.codec, trained_on=trained.checksum)
    assert (module.num_examples("test"), module.test_origin) == (6, "all 6 images, none of which is set apart for test")
    shutil.copytree(tmp_path / "images", tmp_path / "copy")
    copy = _other(tmp_path / "copy", trained.codec, trained_on=trained.checksum)
    assert _names(copy, "test") == _names(trained, "test")  # the others were trained on
    for below, origin in (
        (("train", "test"), None),
        (("test",), None),
        (("train",), "all 6 images, none of which is set"),
    ):
        split = _other(write_folder(tmp_path / "-".join(below), 2, below), trained.codec, trained_on=trained.checksum)
        assert split.num_examples("test") == 6
        assert str(split.test_origin).startswith(str(origin))


def test_images_in_no_class_arent_told_as_a_class(tmp_path: Path) -> None:
    trained = _prepared(write_folder(tmp_path / "images"))
    (tmp_path / "flat").mkdir()
    for path in (tmp_path / "images").rglob("*.png"):
        shutil.copy(path, tmp_path / "flat" / f"{path.parent.name}{path.name}")
    with pytest.raises(UserError, match=r"the model knows, .*, got .*flat, where they lie in none"):
        _other(tmp_path / "flat", trained.codec, trained_on=trained.checksum)


def test_other_images_may_lack_a_class_but_have_none_that_is_unknown(tmp_path: Path) -> None:
    trained = _prepared(write_folder(tmp_path / "images"))
    other = write_folder(tmp_path / "other", 3)
    shutil.rmtree(other / "cross")
    module = _other(other, trained.codec, trained_on="another")
    assert module.warnings[-1]["message"] == "test has no image of cross: their scores say nothing"
    labels = [label for batch in module.test_dataloader() for label in batch.labels.tolist()]
    assert sorted(labels) == [0, 0, 0, 2, 2, 2]
    (other / "circle").rename(other / "blob")
    with pytest.raises(UserError, match=r"^the model knows the classes circle, cross, stripe, got blob, stripe \("):
        _other(other, trained.codec, trained_on="another")
    any_classes = _other(other, trained.codec, trained_on="another", any_classes=True)
    assert any_classes.codec.classes == ["blob", "stripe"]
    assert any_classes.codec.mean == trained.codec.mean
