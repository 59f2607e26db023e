"""Blood cells under the microscope."""

import hashlib
import tarfile
from collections.abc import Iterator
from pathlib import Path

from attnlab.data.detection.sets import DetectionSplits
from attnlab.data.detection.voc import VocFolder
from attnlab.data.files.cached_folder import cached_folder
from attnlab.data.files.download import fetch
from attnlab.data.origin import Origin
from attnlab.errors import UserError

COMMIT = "d272fb14cdff6e473fafeeeba32aba5f560e9e43"
ADDRESS = f"https://codeload.github.com/Shenggan/BCCD_Dataset/tar.gz/{COMMIT}"
PARTS = ("Annotations", "ImageSets/Main", "JPEGImages")
CONTENT_SHA256 = "9b9c8c784a87b6ec7f3c13089acd16228ebde5723caeb5dc0fdce78e598a52f3"
"""Of the names and bytes of all files in these parts: GitHub packs archives anew, and not always to the same bytes."""


class Bccd:
    """The Blood Cell Count and Detection set: 364 images of 640 by 480, 205 / 87 / 72, with the boxes of 4,888 cells.

    Red cells (RBC), white cells (WBC) and platelets, in the format of VOC (Shenggan/BCCD_Dataset; MIT licence); read
    from `data.root`, which holds `Annotations` or the `BCCD` folder that does, or downloaded once (7 MB). Two boxes
    have no area: they are dropped and counted, unless `repair` is false, which makes them an error.

    Args:
        address: where on the web the repository's archive lies.
    """

    origin = Origin.DOWNLOADED
    classes = ("Platelets", "RBC", "WBC")
    num_classes = len(classes)
    channels = None

    def __init__(self, *, repair: bool = True, skip_broken: bool = False, address: str = ADDRESS) -> None:
        # Drawn with LabelImg, which ends a box where it ends.
        self.folder = VocFolder(
            train="train",
            val="val",
            test="test",
            classes=self.classes,
            first_pixel=0,
            repair=repair,
            skip_broken=skip_broken,
        )
        self.address = address

    def read(self, *, channels: int, root: Path | None, cache_dir: Path) -> DetectionSplits:
        folder = self._download(cache_dir / "bccd") if root is None else root
        if (folder / "BCCD").is_dir():
            folder = folder / "BCCD"
        return self.folder.read(channels=channels, root=folder, cache_dir=cache_dir)

    def _download(self, folder: Path) -> Path:
        def unpack(draft: Path) -> None:
            archive = folder / "BCCD_Dataset.tar.gz"
            try:
                fetch(self.address, archive, sha256=CONTENT_SHA256, digest=content_sha256)
            except OSError as error:
                raise UserError(
                    f"BCCD must be downloaded once, got no archive: {error}; without a network, put the folder BCCD of "
                    f"https://github.com/Shenggan/BCCD_Dataset into a folder of yours (set data.root=FOLDER)"
                ) from error
            for name, content in _members(archive):
                (draft / name).parent.mkdir(parents=True, exist_ok=True)
                (draft / name).write_bytes(content)

        return cached_folder(folder / "files", unpack)


def content_sha256(archive: Path) -> str:
    """The sha256 of the names and bytes of what is read of the archive, sorted; OSError if it is damaged."""
    digest = hashlib.sha256()
    for name, content in _members(archive):
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Names below BCCD and bytes of the files of the parts."""
    try:
        with tarfile.open(archive) as opened:
            found = {}
            for member in opened.getmembers():
                _, _, name = member.name.partition("/BCCD/")
                if member.isfile() and name.rpartition("/")[0] in PARTS:
                    found[name] = member
            for name in sorted(found):
                file = opened.extractfile(found[name])
                assert file is not None  # it is a file
                yield name, file.read()
    except (tarfile.TarError, EOFError) as error:
        raise OSError(f"the archive is damaged: {' '.join(str(error).split())}") from error
