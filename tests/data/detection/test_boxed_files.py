"""VOC and COCO folders: what is read of them, and the one line that each mistake in them gets."""

import json
import logging
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from boxed_files import (
    BOXES,
    COCO_FILES,
    SETS,
    SIZES,
    coco_file,
    message_of,
    picture,
    read_coco,
    read_voc,
    write_coco,
    write_voc,
)
from PIL import Image

from attnlab.data import CocoFolder
from attnlab.data.detection.sets import DetectionSplits

FORMATS: dict[str, tuple[Callable[..., Path], Callable[..., DetectionSplits], list[str]]] = {
    "voc": (write_voc, read_voc, ["cat", "dog"]),
    "coco": (write_coco, read_coco, ["dog", "cat"]),  # by their ids
}
BOTH = pytest.mark.parametrize("kind", FORMATS)


@BOTH
def test_every_picture_and_box_is_read(kind: str, tmp_path: Path) -> None:
    write, read, classes = FORMATS[kind]
    found = read(write(tmp_path / "set"))
    assert list(found.classes) == classes
    assert found.summary == {"repaired": {}, "broken": {}}
    for split, names in SETS.items():
        part = found.splits[split]
        assert len(part) == len(names)
        for number, name in enumerate(names):
            assert part.name(number).endswith(f"/{name}.png")
            assert part.size(number) == SIZES[name][::-1]
            assert np.array_equal(np.asarray(part.image(number)), np.asarray(picture(name)))
            objects = part.objects(number)
            assert objects.boxes.tolist() == [list(each[1:]) for each in BOXES[name]]
            assert [classes[label] for label in objects.labels] == [each[0] for each in BOXES[name]]
            assert not objects.ignored.any()
            assert objects.boxes.shape == (len(BOXES[name]), 4)


@BOTH
def test_the_checksum_is_of_pictures_and_boxes(kind: str, tmp_path: Path) -> None:
    write, read, _ = FORMATS[kind]
    first = read(write(tmp_path / "first")).checksum
    assert read(write(tmp_path / "again")).checksum == first
    moved = BOXES | {"one": [("cat", 3, 5, 20, 18), BOXES["one"][1]]}
    assert read(write(tmp_path / "moved", boxes=moved)).checksum != first
    folder = write(tmp_path / "repainted")
    path = next(folder.rglob("two.png"))
    Image.new("RGB", SIZES["two"], "red").save(path)
    assert read(folder).checksum != first


FAULTY = {
    "outside": ("dog", 7, 11, 30, 37),
    "swapped": ("dog", 13, 11, 7, 37),
    "empty": ("dog", 7, 11, 7, 37),
    "away": ("dog", 70, 11, 90, 37),
}
FAULTS = {
    "outside": "outside the image of 29 by 41",
    "swapped": "swapped corners",
    "empty": "zero area",
    "away": "outside the image of 29 by 41",
}
REPAIRED = {
    "outside": ([[7, 11, 29, 37]], {"cut: outside the image": 1}),
    "swapped": ([[7, 11, 13, 37]], {"swapped: swapped corners": 1}),
    "empty": ([], {"dropped: zero area": 1}),
    "away": ([], {"dropped: outside the image": 1}),
}


@BOTH
@pytest.mark.parametrize("fault", FAULTY)
def test_a_box_that_cannot_be_is_named_with_file_and_line_or_mended(kind: str, fault: str, tmp_path: Path) -> None:
    write, read, _ = FORMATS[kind]
    folder = write(tmp_path / "set", boxes=BOXES | {"two": [FAULTY[fault]]})
    message = message_of(lambda: read(folder))
    _, left, top, right, bottom = FAULTY[fault]
    first = 1 if kind == "voc" else 0  # the message shows the file's own numbers
    own = (left + first, top + first, right, bottom) if kind == "voc" else (left, top, right - left, bottom - top)
    assert f"got {FAULTS[fault]}: 'dog' ({', '.join(map(str, own))}) in " in message
    assert "(mend the file, or set data.source.repair=true)" in message
    file, line = re.search(r"in (\S+), line (\d+)", message).groups()  # type: ignore[union-attr]  # it must match
    shown = Path(file).read_text().splitlines()[int(line) - 1 :]
    if kind == "voc":
        assert shown[0] == "<bndbox>"
    else:
        assert json.loads(" ".join(shown[0:]).split("}")[0] + "}")["bbox"][0] == FAULTY[fault][1]
    mended = read(folder, repair=True)
    boxes, counted = REPAIRED[fault]
    assert mended.splits["train"].objects(1).boxes.tolist() == boxes
    assert mended.summary["repaired"] == counted


@BOTH
def test_an_unknown_class_is_named_or_dropped(kind: str, tmp_path: Path) -> None:
    write, read, _ = FORMATS[kind]
    folder = write(tmp_path / "set", boxes=BOXES | {"four": [("emu", 10, 3, 41, 18), *BOXES["four"]]})
    box = "'emu' (11, 4, 41, 18)" if kind == "voc" else "'category_id 99' (10, 3, 31, 15)"
    assert f"unknown class: {box} in " in message_of(lambda: read(folder))
    mended = read(folder, repair=True)
    assert len(mended.splits["test"].objects(0).labels) == 1
    assert mended.summary["repaired"] == {"dropped: unknown class": 1}


@BOTH
def test_of_many_faults_some_are_named_and_all_counted(kind: str, tmp_path: Path) -> None:
    write, read, _ = FORMATS[kind]
    folder = write(tmp_path / "set", boxes=BOXES | {"one": [("cat", 5, 5, 5, 9)] * 7})
    message = message_of(lambda: read(folder))
    assert message.count("zero area") == 5
    assert "; and 2 more (mend" in message
    assert read(folder, repair=True).summary["repaired"] == {"dropped: zero area": 7}


@BOTH
@pytest.mark.parametrize("content", [b"", b"no picture", None])
def test_broken_pictures_are_named_or_left_out_and_counted(kind: str, content: bytes | None, tmp_path: Path) -> None:
    write, read, _ = FORMATS[kind]
    folder = write(tmp_path / "set")
    path = next(folder.rglob("two.png"))
    path.write_bytes(path.read_bytes()[:200] if content is None else content)
    message = message_of(lambda: read(folder))
    assert message.startswith("every image must be whole, got 1 of 5 that aren't: ")
    assert f"{path.parent.name}/two.png: " in message
    found = read(folder, skip_broken=True)
    assert [found.splits["train"].name(number) for number in range(2)] == [
        f"{path.parent.name}/{name}.png" for name in ("one", "five")
    ]
    assert list(found.summary["broken"]) == [f"{path.parent.name}/two.png"]


@BOTH
def test_pictures_of_other_sizes_than_their_boxes_are_named_with_file_and_line_or_left_out(
    kind: str, tmp_path: Path
) -> None:
    write, read, _ = FORMATS[kind]
    folder = write(tmp_path / "set")
    one, four = (next(folder.rglob(f"{name}.png")) for name in ("one", "four"))
    Image.new("RGB", (23, 37)).save(one)
    Image.new("RGB", (53, 17)).save(four)
    message = message_of(lambda: read(folder))
    assert "got 2 of 5 that aren't: " in message
    lying, other = message.split(": ", 1)[1].split(" (mend")[0].split("; ")
    assert "one.png: it is 23 by 37, its boxes were drawn for 37 by 23 in " in lying
    assert lying.endswith("boxes must be drawn on the upright picture)")
    assert "four.png: it is 53 by 17, its boxes were drawn for 53 by 19 in " in other
    assert "EXIF" not in other
    file, line = re.search(r"in (\S+), line (\d+)", other).groups()  # type: ignore[union-attr]  # it must match
    shown = "".join(Path(file).read_text().splitlines()[int(line) - 1 :])
    assert shown.startswith("<size>") if kind == "voc" else json.loads(shown.split("}")[0] + "}")["width"] == 53
    Image.new("RGB", SIZES["four"]).save(four)
    found = read(folder, skip_broken=True)
    assert len(found.splits["train"]) == 2
    assert list(found.summary["broken"]) == [f"{one.parent.name}/one.png"]
    Image.new("RGB", (37, 20)).save(four)  # after it was looked at
    assert "this image was 53 by 19 and no longer is" in message_of(lambda: found.splits["test"].image(0))


@BOTH
def test_splits_that_share_images_are_warned_of(kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write, read, _ = FORMATS[kind]
    folder = write(tmp_path / "set")
    read(folder)
    assert not caplog.records
    if kind == "voc":
        shutil.copy(folder / "ImageSets/Main/test.txt", folder / "ImageSets/Main/val.txt")
        read(folder)
    else:
        same = {"val": "test.json", "val_images": "./test/"}
        CocoFolder(**COCO_FILES | same).read(channels=3, root=folder, cache_dir=folder / "cache")
    assert [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING] == [
        "val and test share 1 images: scores on test aren't those on unseen images (set data.source.val)"
    ]


@BOTH
def test_a_set_in_which_nothing_is_to_be_learnt_is_refused(kind: str, tmp_path: Path) -> None:
    write, read, _ = FORMATS[kind]
    folder = write(tmp_path / "set", boxes={name: [] for name in BOXES})
    if kind == "coco":
        content = coco_file(SETS["train"]) | {"categories": []}
        (folder / "train.json").write_text(json.dumps(content))
    message = message_of(lambda: read(folder))
    assert re.match(r"there must be (objects|categories) to learn, got none in .*\(set data.source.train\)$", message)


@BOTH
def test_pictures_of_any_kind_are_read_upright(kind: str, tmp_path: Path) -> None:
    """A picture lying on its side, as EXIF says; grey, see-through and of 16 bits."""
    write, read, _ = FORMATS[kind]
    folder = write(tmp_path / "set")
    path = next(folder.rglob("one.png"))
    lying = picture("one").transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    lying.save(path, exif=exif)
    width, height = SIZES["two"]
    deep = np.full((height, width), 0x8080, dtype=np.uint16)
    Image.fromarray(deep).save(next(folder.rglob("two.png")))
    Image.new("RGBA", SIZES["five"], (10, 20, 30, 0)).save(next(folder.rglob("five.png")))
    split = read(folder).splits["train"]
    assert np.array_equal(np.asarray(split.image(0)), np.asarray(picture("one")))
    assert np.array_equal(np.asarray(split.image(1)), np.full((height, width, 3), 0x80))
    assert np.array_equal(np.asarray(split.image(2)), np.full((53, 19, 3), 255))
