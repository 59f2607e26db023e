"""Image files in a folder or in a zip archive of one, which needn't be unpacked."""

import os
import zipfile
import zlib
from pathlib import Path
from typing import Any, Protocol

from PIL import Image

from attnlab.data.images.reading import BrokenImage, read_image
from attnlab.errors import UserError


class UnreadableFile(BrokenImage):
    """The file can't be read, whatever is in it: it is missing, say, or somebody else's."""


class ImageFiles(Protocol):
    """Files below a root, by their paths from there, with `/` between the parts. May be sent to another process."""

    root: Path

    def listing(self) -> list[str]:
        """Every file that isn't hidden, in order.

        Raises:
            UserError: the root can't be read.
        """
        ...

    def stamp(self, name: str) -> list[int]:
        """Numbers that change when a file does; none where there is no such file."""
        ...

    def read(self, name: str) -> bytes:
        """A file's bytes.

        Raises:
            BrokenImage: an archive's member is damaged.
            UnreadableFile: it can't be read.
        """
        ...


class FolderFiles:
    """The files of a folder and of those below it, links followed but for those that lead back to where they lie.

    Files elsewhere may be read by their paths from the folder, or from the root of the system.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def listing(self) -> list[str]:
        found = []
        around = {
            str(self.root): {os.path.realpath(self.root)}
        }  # each folder, and those that it lies in, without links
        for folder, folders, names in os.walk(self.root, followlinks=True, onerror=self._fail):
            outer = around.pop(folder)
            real = {name: os.path.realpath(os.path.join(folder, name)) for name in folders if not name.startswith(".")}
            folders[:] = sorted(name for name in real if real[name] not in outer)
            around |= {os.path.join(folder, name): outer | {real[name]} for name in folders}
            found += [Path(folder, name).relative_to(self.root).as_posix() for name in names if name[0] != "."]
        return sorted(found)

    def stamp(self, name: str) -> list[int]:
        try:
            status = (self.root / name).stat()
        except (OSError, ValueError):  # ValueError: a zero byte in its name
            return []
        return [status.st_size, status.st_mtime_ns]

    def read(self, name: str) -> bytes:
        try:
            return (self.root / name).read_bytes()
        except OSError as error:
            raise UnreadableFile(error.strerror or str(error)) from error
        except ValueError as error:
            raise UnreadableFile(str(error)) from error

    def _fail(self, error: OSError) -> None:
        raise UserError(f"this folder can't be read, got {error.filename}: {error.strerror} (set data.root)") from error


class ZipFiles:
    """The members of a zip archive."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._opened: tuple[int, zipfile.ZipFile] | None = None

    def listing(self) -> list[str]:
        try:
            members = self._archive().infolist()
        except (OSError, zipfile.BadZipFile) as error:
            raise UserError(f"this zip archive can't be read, got {self.root}: {error} (set data.root)") from error
        return sorted({m.filename for m in members if not m.is_dir() and not _is_hidden(m.filename)})

    def stamp(self, name: str) -> list[int]:
        # The whole archive's: a member's size and checksum stand in the directory, whatever became of the member.
        status = self.root.stat()
        return [status.st_size, status.st_mtime_ns]

    def read(self, name: str) -> bytes:
        try:
            return self._archive().read(name)
        except OSError as error:
            raise UnreadableFile(error.strerror or str(error)) from error
        except (EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, KeyError) as error:
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
