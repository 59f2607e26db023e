"""What may be wrong with a set of boxed pictures though it can be read."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from attnlab.data.alike_names import alike, shown
from attnlab.data.detection.pictures import BoxedFile, FileSplit
from attnlab.data.detection.sets import SPLITS

log = logging.getLogger(__name__)

NAMED = 5  # names that a warning shows
TURNED_WITHOUT_TRACE = (2, 3, 4)  # EXIF orientations after which a picture has the size it had


class Doubts:
    """Collects warnings, each said on the screen and kept for the run's record as `kind` and `message`."""

    def __init__(self) -> None:
        self.found: list[dict[str, Any]] = []

    def add(self, kind: str, message: str) -> None:
        """Say it."""
        log.warning("%s", message)
        self.found.append({"kind": kind, "message": message})

    def of_doubles(
        self,
        splits: Mapping[str, Sequence[BoxedFile]],
        num_boxes: int,
        *,
        copies: Mapping[str, str],
        keys: Mapping[str, str],
    ) -> None:
        """The same picture twice in a split or in two, maybe by another name; boxes that are there once more.

        `copies` has the names of pictures that are others', `keys` what says where a split comes from.
        """
        named = {split: [copies.get(row.path, row.path) for row in rows] for split, rows in splits.items()}
        for split, paths in named.items():
            if doubles := len(paths) - len(set(paths)):
                self.add(
                    "images_twice",
                    f"{split} lists {doubles} of its {len(paths)} images again, {_first_double(paths)} for one: what "
                    "is boxed in one copy only is background in the other, and scores count both (mend the "
                    "annotations)",
                )
        if num_boxes:
            self.add(
                "boxes_twice",
                f"{num_boxes} boxes are there twice, with the same corners and class: only one of two can be found "
                "(mend the annotations)",
            )
        for one, other in combinations([split for split in SPLITS if split in splits], 2):
            if shared := len({*named[one]} & {*named[other]}):
                self.add(
                    "shared_images",
                    f"{one} and {other} share {shared} images: scores on {other} aren't those on unseen images "
                    f"(set {keys.get(one, keys.get('train', 'data.root'))})",
                )

    def of_classes(self, train: Sequence[BoxedFile], classes: Sequence[str]) -> None:
        """Classes that training never sees."""
        seen = {int(label) for row in train for label in row.objects.labels[~row.objects.ignored]}
        if lacking := [name for number, name in enumerate(classes) if number not in seen]:
            self.add("classes_without_boxes", f"no box of {_some(lacking)} in train: what it is can't be learnt")

    def of_names(self, classes: Sequence[str]) -> None:
        """Classes that are hardly meant to be two."""
        if groups := alike(classes):
            self.add(
                "alike_classes",
                f"classes that differ only in case, blanks or hyphens are learnt as different ones: {shown(groups)} "
                "(write each in one way in the annotations)",
            )

    def of_misread(self, message: str | None) -> None:
        """Numbers that look like another format's, as `misread` says."""
        if message is not None:
            self.add("misread_boxes", message)

    def of_tiny(self, splits: Mapping[str, Sequence[BoxedFile]]) -> None:
        """Boxes that are all of a pixel or less: they are written as shares, in a format that has pixels."""
        boxes = [row.objects.boxes for rows in splits.values() for row in rows if len(row.objects.boxes)]
        if boxes and max(float((each[:, 2:] - each[:, :2]).max()) for each in boxes) <= 1:
            self.add(
                "tiny_boxes",
                "no box is larger than 1 pixel: they may be shares of the images' sides, where this format has pixels "
                "(mend the annotations)",
            )

    def of_turned(self, splits: Mapping[str, FileSplit], turned: Mapping[str, int]) -> None:
        """Pictures turned upright of which no size tells whether their boxes were drawn so."""
        sizes = {row.path: row for split in splits.values() for row in split.rows if len(row.objects.labels)}
        names = [
            name
            for name, turn in turned.items()
            if name in sizes
            and (
                turn in TURNED_WITHOUT_TRACE or sizes[name].size[0] == sizes[name].size[1] or not sizes[name].size_said
            )
        ]
        if names:
            self.add(
                "turned_images",
                f"{len(names)} images with boxes are turned as their EXIF says, {_some(names)}, and no size tells "
                "whether their boxes were drawn on the upright picture: look at maps/ (or take the orientation out of "
                "the files: exiftool -Orientation= FILE)",
            )

    def of_empty(self, most_objects: Mapping[str, int]) -> None:
        """Splits to be scored in which nothing is to be found."""
        for split in ("val", "test"):
            if most_objects.get(split) == 0:
                self.add("no_objects", f"{split} has no objects to be found: it has no average precision")


def _first_double(paths: Sequence[str]) -> str:
    return Counter(paths).most_common(1)[0][0]


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
