"""Every image is opened once before training, so that a damaged one is known by name."""

import hashlib
import json
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from attnlab.data.files.cached_folder import cached_folder, is_whole
from attnlab.data.images.files import ImageFiles, UnreadableFile
from attnlab.data.images.reading import BrokenImage, Seen, look_at
from attnlab.errors import UserError
from attnlab.reading.bounds import read_json

log = logging.getLogger(__name__)

SCAN_VERSION = 4  # raise it when what is found changes, so that old results aren't used
DARK = 2**12  # levels of a camera's or scanner's 12 bits; in 16 bits a sixteenth of white
NAMED = 20  # damaged images that a message names; all are in the run's metrics.json


class Scan(NamedTuple):
    """What opening every image told."""

    sha256: str  # of all names and bytes
    broken: dict[str, str]  # what is wrong, by name
    sizes: dict[str, list[int]]  # height and width, upright, of those that aren't broken
    peaks: dict[str, int]  # the highest level, of those of 16 bits
    turned: dict[str, int]  # EXIF orientation of those that don't lie in their files as they are shown
    copies: dict[str, str]  # of those whose bytes are another's, the first such

    def note(self, name: str, seen: Seen) -> None:
        """What one that isn't broken is like."""
        self.sizes[name] = [seen.height, seen.width]
        if seen.peak is not None:
            self.peaks[name] = seen.peak
        if seen.orientation > 1:
            self.turned[name] = seen.orientation

    def dark(self) -> str | None:
        """What to say of pictures of 16 bits that don't use the upper four of them; None where one does, or none is."""
        if not self.peaks or max(self.peaks.values()) >= DARK:
            return None
        return (
            f"no picture of 16 bits reaches level {DARK}, of {len(self.peaks)}: the brightest pixel has "
            f"{max(self.peaks.values())} of 65535, so all are nearly black (if they hold 12 bits or fewer, scale them "
            "to 16)"
        )


def scan_images(files: ImageFiles, names: Sequence[str], *, cache_dir: Path, num_threads: int) -> Scan:
    """Open every image, unless that was done before and no file has changed since.

    What is found is stored, but not where a file couldn't be read at all: its bytes may be whole.

    Raises:
        UserError: a name isn't UTF-8, or the result can't be stored.
    """
    _check_names(names)
    stamp = [SCAN_VERSION, str(files.root.resolve()), [[name, *files.stamp(name)] for name in names]]
    folder = cache_dir / "image_scans" / hashlib.sha256(json.dumps(stamp).encode()).hexdigest()
    if is_whole(folder):
        return Scan(*read_json(folder / "scan.json"))
    digest, all_read, first = hashlib.sha256(), True, dict[str, str]()
    scan = Scan("", {}, {}, {}, {}, {})
    with ThreadPoolExecutor(max(1, num_threads)) as threads:
        opened = threads.map(lambda name: _open(files, name), names)
        for name, (sha256, found) in zip(
            names, tqdm(opened, "checking", len(names), leave=False, disable=None), strict=True
        ):
            digest.update(f"{name}\n{sha256}\n".encode())
            if isinstance(found, BrokenImage):
                scan.broken[name] = str(found)
                all_read &= not isinstance(found, UnreadableFile)
            else:
                scan.note(name, found)
                if (other := first.setdefault(sha256, name)) != name:
                    scan.copies[name] = other
    scan = scan._replace(sha256=digest.hexdigest())

    def write(draft: Path) -> None:
        (draft / "scan.json").write_text(json.dumps(scan))

    if all_read:
        cached_folder(folder, write)
    return scan


def _check_names(names: Sequence[str]) -> None:
    """Predictions are written as UTF-8, with the names of their images."""
    for name in names:
        try:
            name.encode()
        except UnicodeEncodeError as error:
            raise UserError(f"images must have names in UTF-8, got {name!r} (rename it, or its folder)") from error


def _open(files: ImageFiles, name: str) -> tuple[str, Seen | BrokenImage]:
    """The sha256 of a file, and what its picture is like or what is wrong with it."""
    content = b""
    try:
        content = files.read(name)
        seen = look_at(content)
    except BrokenImage as error:
        return hashlib.sha256(content).hexdigest(), error
    return hashlib.sha256(content).hexdigest(), seen


def report_broken(broken: dict[str, str], num_images: int, *, skip: bool, key: str = "data.skip_broken") -> None:
    """Say which images are damaged; `key` is what skips them.

    Raises:
        UserError: some are, and they aren't to be skipped.
    """
    if not broken:
        return
    shown = "; ".join(f"{name}: {fault}" for name, fault in list(broken.items())[:NAMED])
    more = f"; and {len(broken) - NAMED} more" if len(broken) > NAMED else ""
    if not skip:
        raise UserError(
            f"every image must be whole, got {len(broken)} of {num_images} that aren't: {shown}{more} "
            f"(mend or remove them, or set {key}=true)"
        )
    log.warning("left out %d of %d images, which are broken: %s%s", len(broken), num_images, shown, more)
