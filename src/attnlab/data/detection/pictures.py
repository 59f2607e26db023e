"""Boxed pictures in files."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from attnlab.data.detection.sets import SPLITS, BoxedObjects
from attnlab.data.images.files import FolderFiles, load_image
from attnlab.data.images.reading import BrokenImage
from attnlab.data.images.scan import report_broken, scan_images
from attnlab.errors import UserError

log = logging.getLogger(__name__)

SCAN_THREADS = 4


class BoxedFile(NamedTuple):
    """An image file below a folder."""

    path: str
    size: tuple[int, int]  # height and width, for which its boxes were drawn
    objects: BoxedObjects
    where: object = None  # file and line that say the size, as text once a message needs it


@dataclass(frozen=True)
class FileSplit:
    """One split of a data set in files."""

    files: FolderFiles
    rows: Sequence[BoxedFile]
    channels: int

    def __len__(self) -> int:
        return len(self.rows)

    def name(self, number: int) -> str:
        return self.rows[number].path

    def size(self, number: int) -> tuple[int, int]:
        return self.rows[number].size

    def objects(self, number: int) -> BoxedObjects:
        return self.rows[number].objects

    def image(self, number: int) -> Image.Image:
        row = self.rows[number]
        try:
            picture = load_image(self.files, row.path, channels=self.channels)
        except BrokenImage as error:
            raise UserError(f"this image can't be read, got {self.files.root / row.path}: {error}") from error
        if (picture.height, picture.width) != row.size:
            raise UserError(
                f"this image was {row.size[1]} by {row.size[0]} and no longer is, got {picture.width} by "
                f"{picture.height} in {self.files.root / row.path}"
            )
        return picture


def whole_files(
    root: Path, splits: Mapping[str, Sequence[BoxedFile]], *, channels: int, skip_broken: bool, cache_dir: Path
) -> tuple[dict[str, FileSplit], str, dict[str, str]]:
    """The splits without broken images, the sha256 of all images, and what is wrong with the broken ones, by name.

    An image of another size than its boxes were drawn for counts as broken.

    Raises:
        UserError: some are broken and aren't to be skipped, or a split has no image left.
    """
    files = FolderFiles(root)
    names = sorted({row.path for rows in splits.values() for row in rows})
    scan = scan_images(files, names, cache_dir=cache_dir, num_threads=SCAN_THREADS)
    broken = dict(scan.broken)
    for row in (row for rows in splits.values() for row in rows):
        if row.path in scan.sizes and row.size != tuple(scan.sizes[row.path]):
            broken[row.path] = _other_size(row, *scan.sizes[row.path])
    report_broken(broken, len(names), skip=skip_broken, key="data.source.skip_broken")
    if (dark := scan.dark()) is not None:
        log.warning("%s", dark)
    _warn_of_shared(splits)
    whole = {
        # Without `where`, which may hold on to a whole annotation file.
        split: FileSplit(files, [row._replace(where=None) for row in rows if row.path not in broken], channels)
        for split, rows in splits.items()
    }
    for split, rows in whole.items():
        if not len(rows):
            raise UserError(f"every split must have images, got none of {split} in {root} (set data.root)")
    return whole, scan.sha256, broken


def _other_size(row: BoxedFile, height: int, width: int) -> str:
    found = f"it is {width} by {height}, its boxes were drawn for {row.size[1]} by {row.size[0]} in {row.where}"
    if row.size == (width, height):
        found += " (if EXIF turns it: boxes must be drawn on the upright picture)"
    return found


def _warn_of_shared(splits: Mapping[str, Sequence[BoxedFile]]) -> None:
    for one, other in combinations(SPLITS, 2):
        shared = len({row.path for row in splits[one]} & {row.path for row in splits[other]})
        if shared:
            log.warning(
                "%s and %s share %d images: scores on %s aren't those on unseen images (set data.source.%s)",
                *(one, other, shared, other, one),
            )
