"""Boxed pictures in files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from attnlab.data.detection.sets import BoxedObjects
from attnlab.data.images.files import FolderFiles, load_image
from attnlab.data.images.reading import BrokenImage
from attnlab.data.images.scan import Scan, report_broken, scan_images
from attnlab.errors import UserError

SCAN_THREADS = 4


class BoxedFile(NamedTuple):
    """An image file below a folder."""

    path: str
    size: tuple[int, int]  # height and width, for which its boxes were drawn
    objects: BoxedObjects
    where: object = None  # file and line that say the size, as text once a message needs it
    size_said: bool = True  # False where it was taken from the file


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
) -> tuple[dict[str, FileSplit], Scan, dict[str, str]]:
    """The splits without broken images, what the scan of all images told, and what is wrong with the broken, by name.

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
    whole = {
        # Without `where`, which may hold on to a whole annotation file.
        split: FileSplit(files, [row._replace(where=None) for row in rows if row.path not in broken], channels)
        for split, rows in splits.items()
    }
    for split, rows in whole.items():
        if not len(rows):
            raise UserError(f"every split must have images, got none of {split} in {root} (set data.root)")
    return whole, scan, broken


def _other_size(row: BoxedFile, height: int, width: int) -> str:
    found = f"it is {width} by {height}, its boxes were drawn for {row.size[1]} by {row.size[0]} in {row.where}"
    if row.size == (width, height):
        found += " (if EXIF turns it: boxes must be drawn on the upright picture)"
    return found
