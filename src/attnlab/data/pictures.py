"""Boxed pictures in files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from attnlab.data.detection_sets import BoxedObjects
from attnlab.data.image_files import FolderFiles, load_image
from attnlab.data.image_scan import report_broken, scan_images
from attnlab.data.images import BrokenImage
from attnlab.errors import UserError

SCAN_THREADS = 4


class BoxedFile(NamedTuple):
    """An image file below a folder."""

    path: str
    size: tuple[int, int]  # height and width, for which its boxes were drawn
    objects: BoxedObjects


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
                f"an image must have the size that its boxes were drawn for, got {picture.width} by {picture.height} "
                f"and not {row.size[1]} by {row.size[0]} in {self.files.root / row.path} (upright, as EXIF says)"
            )
        return picture


def whole_files(
    root: Path, splits: Mapping[str, Sequence[BoxedFile]], *, channels: int, skip_broken: bool, cache_dir: Path
) -> tuple[dict[str, FileSplit], str, dict[str, str]]:
    """The splits without broken images, the sha256 of all images, and what is wrong with the broken ones, by name.

    Raises:
        UserError: some are broken and aren't to be skipped, or a split has no image left.
    """
    files = FolderFiles(root)
    names = sorted({row.path for rows in splits.values() for row in rows})
    scan = scan_images(files, names, cache_dir=cache_dir, num_threads=SCAN_THREADS)
    report_broken(scan.broken, len(names), skip=skip_broken)
    whole = {
        split: FileSplit(files, [row for row in rows if row.path not in scan.broken], channels)
        for split, rows in splits.items()
    }
    for split, rows in whole.items():
        if not len(rows):
            raise UserError(f"every split must have images, got none of {split} in {root} (set data.root)")
    return whole, scan.sha256, scan.broken
