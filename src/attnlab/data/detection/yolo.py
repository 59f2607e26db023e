"""Folders in the format of YOLO: a text file of boxes for each image, in shares of its sides."""

import posixpath
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path, PurePosixPath

from attnlab.data.detection.box_sanity import DrawnBox
from attnlab.data.detection.doubts import Doubts
from attnlab.data.detection.drawn import DrawnPicture, Place
from attnlab.data.detection.folders import check_trainable
from attnlab.data.detection.misread import of_yolo
from attnlab.data.detection.rules import FileRules
from attnlab.data.detection.sets import DetectionSplits
from attnlab.data.detection.yolo_layout import YoloLayout, read_layout
from attnlab.data.origin import Origin
from attnlab.errors import UserError
from attnlab.reading.bounds import read_text

FARTHEST = 2  # shares of a side: what lies farther off is no share at all


class YoloFolder:
    """Images, and for each a text file of `class centre_x centre_y width height` or `class x1 y1 x2 y2 x3 y3 ...`.

    Coordinates are shares of the image's sides; classes are numbered from 0, their names stand in a YAML file as
    Ultralytics has it (`names`, and where train, val and test are), in `classes.txt` or in `obj.names`. Labels lie
    beside their images, or in the folder `labels` that stands where `images` does. Without a file that says so, splits
    are told by folders named train, val (or valid) and test. An image without a text file has no objects.

    Args:
        file: the YAML file, in `data.root`; None for the only one there is.
        val_share, test_share: of train's images, chosen by their paths alone, for splits that have none.
        repair: mend boxes that can't be, or drop them, counted; False: they are an error.
        skip_broken: go on without images that are missing or damaged, named and counted; False: they are an error.

    Raises:
        ValueError: a share that isn't one.
    """

    origin = Origin.OWN
    num_classes = None
    channels = None

    def __init__(
        self,
        *,
        file: str | None = None,
        val_share: float = 0.1,
        test_share: float = 0.1,
        repair: bool = False,
        skip_broken: bool = False,
    ) -> None:
        self.file = file
        self.rules = FileRules(val_share=val_share, test_share=test_share, repair=repair, skip_broken=skip_broken)

    def read(self, *, channels: int, root: Path | None, cache_dir: Path) -> DetectionSplits:
        layout, doubts = self._layout(root), Doubts()
        check_trainable(layout.images)
        pictures = self.rules.held_out(_pictures(layout, layout.images, doubts))
        return self._splits(layout, pictures, list(layout.names.values()), channels, cache_dir, doubts)

    def read_test(
        self, classes: Sequence[str], *, whole: bool, channels: int, root: Path | None, cache_dir: Path
    ) -> DetectionSplits:
        layout, doubts = self._layout(root), Doubts()
        wanted = {
            split: layout.images[split] for split in layout.images if split == "test" or "test" not in layout.images
        }
        pictures, total = self.rules.test_of(_pictures(layout, wanted, doubts), classes, whole=whole)
        return self._splits(layout, pictures, classes, channels, cache_dir, doubts)._replace(held_out_of=total)

    def _layout(self, root: Path | None) -> YoloLayout:
        if root is None:
            raise UserError("a YOLO folder must be named (set data.root=FOLDER)")
        return read_layout(root, file=self.file)

    def _splits(
        self,
        layout: YoloLayout,
        pictures: Mapping[str, Sequence[DrawnPicture]],
        classes: Sequence[str],
        channels: int,
        cache_dir: Path,
        doubts: Doubts,
    ) -> DetectionSplits:
        places = Place.in_root(layout.root, {split: f"{split} of {layout.root}" for split in layout.images})
        return self.rules.splits(
            layout.root,
            pictures,
            classes,
            places=places,
            channels=channels,
            cache_dir=cache_dir,
            doubts=doubts,
            misread=of_yolo,
        )


def _pictures(layout: YoloLayout, images: Mapping[str, Sequence[str]], doubts: Doubts) -> dict[str, list[DrawnPicture]]:
    """Every image with what its text file says."""
    labels = {name: layout.root / _label_file(name) for names in images.values() for name in names}
    missing = [name for name, path in labels.items() if not path.is_file()]
    if missing and len(missing) == len(labels):
        raise UserError(
            f"images must have text files of boxes, got none for {len(missing):,} images, {_label_file(missing[0])} "
            f"for one in {layout.root} (set data.root)"
        )
    if missing:
        doubts.add(
            "images_without_labels",
            f"{len(missing):,} of {len(labels):,} images have no text file of boxes, {missing[0]} for one: they count "
            "as images without objects",
        )
    drawn = {name: _drawn(name, path, layout) for name, path in labels.items()}
    _check_counting({box.label for each in drawn.values() for box in each.boxes}, layout)
    return {split: [drawn[name] for name in names] for split, names in images.items()}


def _check_counting(used: Collection[str], layout: YoloLayout) -> None:
    """UserError where classes are counted from 1: the first never occurs, and one behind the last does.

    Dropping the boxes of that one would leave each of the others with its neighbour's name.
    """
    last = len(layout.names) - 1
    beyond = f"class {last + 1}"
    if sorted(layout.names) != [*range(last + 1)] or layout.names[0] in used or beyond not in used:
        return
    if {*used} - {*layout.names.values()} == {beyond}:
        named = ", ".join(f"{number + 1}: {name}" for number, name in layout.names.items())
        raise UserError(
            f"classes are counted from 0, here to {last}, got no box of class 0 and some of {beyond} in {layout.root}: "
            f"they look counted from 1 (write names: {{{named}}} into the YAML file, or count from 0)"
        )


def _label_file(image: str) -> str:
    parts = PurePosixPath(image).with_suffix(".txt").parts
    places = [place for place, part in enumerate(parts[:-1]) if part.lower() == "images"]
    if not places:
        return posixpath.join(*parts)
    labels = {"images": "labels", "IMAGES": "LABELS"}.get(parts[places[-1]], "Labels")
    return posixpath.join(*parts[: places[-1]], labels, *parts[places[-1] + 1 :])


def _drawn(image: str, path: Path, layout: YoloLayout) -> DrawnPicture:
    boxes = []
    if path.is_file():
        try:
            text = read_text(path, encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"a text file of boxes must be readable, in UTF-8, got {path}: {error}") from error
        lines = enumerate(text.split("\n"), start=1)
        boxes = [_box(line.split(), f"{path}, line {number}", layout) for number, line in lines if line.strip()]
    return DrawnPicture(image, None, boxes, str(path), in_shares=True)


def _box(words: Sequence[str], where: str, layout: YoloLayout) -> DrawnBox:
    try:
        label, *values = (float(word) for word in words)
    except ValueError as error:
        raise UserError(
            f"a box must be a class and its coordinates, all numbers, got {' '.join(words)!r} in {where}"
        ) from error
    values = values[:4] if layout.has_keypoints else values
    if len(values) != 4 and (len(values) < 6 or len(values) % 2):
        raise UserError(
            "a box must be a class and four coordinates, or a class and the x and y of three corners or more, got "
            f"{len(words)} numbers in {where}"
            + (" (the sixth is a confidence, of predictions)" if len(words) == 6 else "")
        )
    if far := [each for each in values if abs(each) > FARTHEST]:
        raise UserError(
            f"coordinates must be shares of the image's sides, from 0 to 1, got {far[0]:g} in {where} (divide what is "
            "in pixels: x and widths by the image's width, y and heights by its height)"
        )
    name = layout.names.get(int(label)) if label.is_integer() else None
    if len(values) == 4:
        x, y, width, height = values
        corners = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    else:
        corners = (min(values[::2]), min(values[1::2]), max(values[::2]), max(values[1::2]))
    return DrawnBox(corners, values, name or f"class {words[0]}", False, where)
