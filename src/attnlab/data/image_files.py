"""Image files in a folder or in a zip archive of one, which needn't be unpacked."""

import os
import zipfile
import zlib
from pathlib import Path
from typing import Any, Protocol

from PIL import Image

from attnlab.data.images import BrokenImage, read_image
from attnlab.errors import UserError


class ImageFiles(Protocol):
    """Files below a root, by their paths from there, with `/` between the parts. May be sent to another process."""

    root: Path

    def listing(self) -> dict[str, list[int]]:
        """Every file that isn't hidden, in order, with numbers that change when the file does.

        Raises:
            UserError: the root can't be read.
        """
        ...

    def read(self, name: str) -> bytes:
        """A file's bytes.

        Raises:
            BrokenImage: it can't be read.
        """
        ...


class FolderFiles:
    """The files of a folder and of those below it, links followed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def listing(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for folder, folders, names in os.walk(self.root, followlinks=True, onerror=self._fail):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for path in (Path(folder, name) for name in names if not name.startswith(".")):
                try:
                    status = path.stat()
                except OSError:  # a link to nowhere, which will be reported when it is read
                    found[path.relative_to(self.root).as_posix()] = []
                    continue
                found[path.relative_to(self.root).as_posix()] = [status.st_size, status.st_mtime_ns]
        return dict(sorted(found.items()))

    def read(self, name: str) -> bytes:
        try:
            return (self.root / name).read_bytes()
        except OSError as error:
            raise BrokenImage(error.strerror or str(error)) from error

    def _fail(self, error: OSError) -> None:
        raise UserError(f"this folder can't be read, got {error.filename}: {error.strerror} (set data.root)") from error


class ZipFiles:
    """The members of a zip archive."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._opened: tuple[int, zipfile.ZipFile] | None = None

    def listing(self) -> dict[str, list[int]]:
        try:
            members = self._archive().infolist()
        except (OSError, zipfile.BadZipFile) as error:
            raise UserError(f"this zip archive can't be read, got {self.root}: {error} (set data.root)") from error
        found = {m.filename: [m.file_size, m.CRC] for m in members if not m.is_dir() and not _is_hidden(m.filename)}
        return dict(sorted(found.items()))

    def read(self, name: str) -> bytes:
        try:
            return self._archive().read(name)
        except (OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, KeyError) as error:
            raise BrokenImage(" ".join(str(error).split())) from error

    def _archive(self) -> zipfile.ZipFile:
        # One for each process: a forked one would share the position in the file with its parent.
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = (os.getpid(), zipfile.ZipFile(self.root))
        return self._opened[1]

    def __getstate__(self) -> dict[str, Any]:
        return {"root": self.root, "_opened": None}


def _is_hidden(name: str) -> bool:
    """Files whose name begins with a dot, and what macOS adds to its archives."""
    parts = name.split("/")
    return parts[0] == "__MACOSX" or any(part.startswith(".") for part in parts)


def open_image_files(root: Path) -> ImageFiles:
    """The files of a folder, or of a zip archive.

    Raises:
        UserError: it is neither.
    """
    if root.is_dir():
        return FolderFiles(root)
    if root.is_file():
        if not zipfile.is_zipfile(root):
            raise UserError(f"images come from a folder or a zip archive, got {root}, which is neither (set data.root)")
        return ZipFiles(root)
    raise UserError(f"no such folder or zip archive, got {root} (set data.root)")


def load_image(files: ImageFiles, name: str, *, channels: int) -> Image.Image:
    """The picture in a file, as `read_image` gives it; BrokenImage where that fails."""
    return read_image(files.read(name), channels=channels)
