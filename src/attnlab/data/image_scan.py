"""Every image is opened once before training, so that a damaged one is known by name."""

import hashlib
import json
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from attnlab.data.cached_folder import cached_folder
from attnlab.data.image_files import ImageFiles
from attnlab.data.images import BrokenImage, read_image
from attnlab.errors import UserError

log = logging.getLogger(__name__)

SCAN_VERSION = 1  # raise it when what counts as broken changes, so that old results aren't used
NAMED = 20  # damaged images that a message names; all are in the run's metrics.json


class Scan(NamedTuple):
    """What opening every image told."""

    sha256: str  # of all names and bytes
    broken: dict[str, str]  # what is wrong, by name


def scan_images(files: ImageFiles, names: Sequence[str], *, cache_dir: Path, num_threads: int) -> Scan:
    """Open every image, unless that was done before and no file has changed since.

    Raises:
        UserError: the result can't be stored.
    """
    listing = files.listing()
    stamp = [SCAN_VERSION, str(files.root.resolve()), [[name, *listing[name]] for name in names]]
    key = hashlib.sha256(json.dumps(stamp).encode()).hexdigest()

    def write(folder: Path) -> None:
        digest, broken = hashlib.sha256(), {}
        with ThreadPoolExecutor(max(1, num_threads)) as threads:
            found = threads.map(lambda name: _open(files, name), names)
            for name, (sha256, fault) in zip(names, tqdm(found, "checking", len(names), leave=False), strict=True):
                digest.update(f"{name}\n{sha256}\n".encode(errors="surrogateescape"))
                if fault is not None:
                    broken[name] = fault
        (folder / "scan.json").write_text(json.dumps([digest.hexdigest(), broken]))

    folder = cached_folder(cache_dir / "image_scans" / key, write)
    return Scan(*json.loads((folder / "scan.json").read_text()))


def _open(files: ImageFiles, name: str) -> tuple[str, str | None]:
    """The sha256 of a file, and what is wrong with it as an image."""
    content = b""
    try:
        content = files.read(name)
        read_image(content, channels=3)
    except BrokenImage as error:
        return hashlib.sha256(content).hexdigest(), str(error)
    return hashlib.sha256(content).hexdigest(), None


def report_broken(broken: dict[str, str], num_images: int, *, skip: bool) -> None:
    """Say which images are damaged.

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
            "(mend or remove them, or set data.skip_broken=true)"
        )
    log.warning("left out %d of %d images, which are broken: %s%s", len(broken), num_images, shown, more)
