"""Image files in a folder or in a zip archive of one, which needn't be unpacked."""

import logging
import os
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from PIL import Image

from attnlab.data.images.reading import BrokenImage, read_image
from attnlab.data.images.zip_names import ZipNames, zip_names
from attnlab.errors import UserError
from attnlab.files import PREDICTED
from attnlab.reading.bounds import PICTURE, bound, read_file, too_large

log = logging.getLogger(__name__)

DEEPEST = 64  # folders in each other
MOST_FOLDERS = 200_000  # links that lead to the same folders have more in them than any disk


class UnreadableFile(BrokenImage):
    """The file can't be read, whatever is in it: it is missing, say, or somebody else's."""


class Contents(NamedTuple):
    """What lies below a root, in order, without what is hidden or was written by a run, by the system or by a tool."""

    files: list[str]
    folders: list[str]  # those around files, and empty ones
    left_out: str | None  # what to say of a run's files, where there are any
    guessed: str | None = None  # and of names in an encoding that had to be guessed


class ImageFiles(Protocol):
    """Files below a root, by their paths from there, with `/` between the parts. May be sent to another process."""

    root: Path

    def contents(self) -> Contents:
        """All files and folders.

        Raises:
            UserError: the root can't be read, or is a run's own folder.
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

    def listing(self) -> list[str]:
        """All files; what `contents` says besides is logged."""
        ...


class FolderFiles:
    """The files of a folder and of those below it, links followed but for those that lead back to where they lie.

    Files elsewhere may be read by their paths from the folder, or from the root of the system.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def contents(self) -> Contents:
        found, inside, outputs = list[str](), list[str](), list[str]()
        around = {
            str(self.root): {os.path.realpath(self.root)}
        }  # each folder, and those that it lies in, without links
        for folder, folders, names in os.walk(self.root, followlinks=True, onerror=self._fail):
            outer = around.pop(folder)
            if len(inside) + len(outputs) > MOST_FOLDERS or len(outer) > DEEPEST:
                raise UserError(
                    f"images must lie in at most {MOST_FOLDERS} folders, {DEEPEST} in each other, links followed, got "
                    f"more in {self.root} (set data.root)"
                )
            here = "" if folder == str(self.root) else Path(folder).relative_to(self.root).as_posix()
            if is_output(here, {*folders, *names}) or (here and PREDICTED in names):
                self._check_not_root(here)
                outputs.append(here)
                folders[:] = []
                continue
            inside.append(here)
            real = {name: os.path.realpath(os.path.join(folder, name)) for name in folders if not _is_foreign(name)}
            folders[:] = sorted(name for name in real if real[name] not in outer)
            around |= {os.path.join(folder, name): outer | {real[name]} for name in folders}
            found += [f"{here}/{name}" if here else name for name in names if name[0] != "."]
        return Contents(sorted(found), _without_parents(inside, outputs), _left_out(outputs, self.root))

    def listing(self) -> list[str]:
        return _logged(self.contents())

    def stamp(self, name: str) -> list[int]:
        try:
            status = (self.root / name).stat()
        except (OSError, ValueError):  # ValueError: a zero byte in its name
            return []
        return [status.st_size, status.st_mtime_ns]

    def read(self, name: str) -> bytes:
        try:
            return read_file(self.root / name, mib=PICTURE)
        except OSError as error:
            raise UnreadableFile(error.strerror or str(error)) from error
        except ValueError as error:
            raise UnreadableFile(str(error)) from error

    def _check_not_root(self, folder: str) -> None:
        if not folder:
            raise UserError(
                f"a run's own folder is no data, got {self.root} (name a folder within it, or set data.root or "
                "output_dir)"
            )

    def _fail(self, error: OSError) -> None:
        raise UserError(f"this folder can't be read, got {error.filename}: {error.strerror} (set data.root)") from error


class ZipFiles:
    """The members of a zip archive; `encoding` is that of names that don't say theirs, None for a guess."""

    def __init__(self, root: Path, encoding: str | None = None) -> None:
        self.root, self.encoding = root, encoding
        self._opened: tuple[int, zipfile.ZipFile, ZipNames] | None = None

    def contents(self) -> Contents:
        try:
            names = self._names()
        except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile) as error:
            raise UserError(f"this zip archive can't be read, got {self.root}: {error} (set data.root)") from error
        if deep := next((name for name in names.members if name.count("/") > DEEPEST), None):
            raise UserError(
                f"images must lie in at most {DEEPEST} folders in each other, got {deep[:40]!r}... in {self.root} (set "
                "data.root)"
            )
        shown = [name for name in names.members if not any(_is_foreign(part) for part in name.split("/"))]
        within: dict[str, set[str]] = {}
        for name in names.members:  # hidden ones, too: they tell a run's folder
            parts = name.rstrip("/").split("/")
            for depth, part in enumerate(parts):
                within.setdefault("/".join(parts[:depth]), set()).add(part)
        outputs = sorted(
            folder for folder, inner in within.items() if folder and (is_output(folder, inner) or PREDICTED in inner)
        )
        shown = [name for name in shown if not any(f"{name}/".startswith(f"{each}/") for each in outputs)]
        files = sorted(name for name in shown if not name.endswith("/"))
        inside = {name.rstrip("/") for name in shown if name.endswith("/")}
        inside |= {"/".join(name.split("/")[:depth]) for name in files for depth in range(1, name.count("/") + 1)}
        guessed = None
        if names.guessed is not None:
            examples = [name for name in files if not name.isascii()][:3]
            guessed = (
                f"names in {self.root} don't say their encoding and are read as {names.guessed}: "
                f"{', '.join(examples)} (if they are wrong, set data.zip_encoding)"
            )
        return Contents(files, _without_parents(sorted(inside), outputs), _left_out(outputs, self.root), guessed)

    def listing(self) -> list[str]:
        return _logged(self.contents())

    def stamp(self, name: str) -> list[int]:
        # The whole archive's: a member's size and checksum stand in the directory, whatever became of the member.
        status = self.root.stat()
        return [status.st_size, status.st_mtime_ns]

    def read(self, name: str) -> bytes:
        try:
            archive, names = self._archive()
            member = names.members[name]
            if member.file_size > (most := bound(PICTURE)):
                raise too_large(name, most, what="it unpacks to")
            return archive.read(member)
        except OSError as error:
            raise UnreadableFile(error.strerror or str(error)) from error
        except (EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, KeyError) as error:
            raise BrokenImage(" ".join(str(error).split())) from error

    def _names(self) -> ZipNames:
        return self._archive()[1]

    def _archive(self) -> tuple[zipfile.ZipFile, ZipNames]:
        # One for each process: a forked one would share the position in the file with its parent.
        if self._opened is None or self._opened[0] != os.getpid():
            archive = zipfile.ZipFile(self.root)
            self._opened = (os.getpid(), archive, zip_names(archive, self.encoding))
        return self._opened[1:]

    def __getstate__(self) -> dict[str, Any]:
        return {"root": self.root, "encoding": self.encoding, "_opened": None}


FOREIGN = ("__MACOSX", "@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information", "lost+found")


def _is_foreign(name: str) -> bool:
    """Names that begin with a dot, and folders that systems add, some with small copies of the pictures."""
    return name.startswith(".") or name in FOREIGN


def is_output(folder: str, names: Collection[str]) -> bool:
    """Whether a folder that holds these names was written by a run of this project, or is its cache or wandb's."""
    if folder.rsplit("/", 1)[-1] == "wandb":
        return any(name.startswith(("run-", "offline-run-")) for name in names)
    if "image_scans" in names:
        return True
    return "config.json" in names and any(name in names for name in (".hydra", "checkpoints", "metrics.json"))


def _without_parents(folders: list[str], outputs: list[str]) -> list[str]:
    """Those that aren't there for the sake of outputs."""
    return [each for each in sorted(folders) if each and not any(one.startswith(f"{each}/") for one in outputs)]


def _left_out(outputs: list[str], root: Path) -> str | None:
    if not outputs:
        return None
    tops = sorted({each.split("/")[0] for each in outputs})
    shown = ", ".join(tops[:5]) + (", ..." if len(tops) > 5 else "")
    if any((root / each / PREDICTED).is_file() for each in outputs):
        shown += f" (delete {PREDICTED} in a folder of predictions that is to be data)"
    return f"left out of {root}, because runs wrote it ({len(outputs)} folders): {shown}"


def _logged(contents: Contents) -> list[str]:
    for message in (contents.left_out, contents.guessed):
        if message is not None:
            log.warning("%s", message)
    return contents.files


def open_image_files(root: Path, *, zip_encoding: str | None = None) -> ImageFiles:
    """The files of a folder, or of a zip archive, whose names that don't say their encoding are in `zip_encoding`.

    Raises:
        UserError: it is neither.
    """
    if root.is_dir():
        return FolderFiles(root)
    if root.is_file():
        if not zipfile.is_zipfile(root):
            raise UserError(f"images come from a folder or a zip archive, got {root}, which is neither (set data.root)")
        return ZipFiles(root, zip_encoding)
    raise UserError(f"no such folder or zip archive, got {root} (set data.root)")


def load_image(files: ImageFiles, name: str, *, channels: int) -> Image.Image:
    """The picture in a file, as `read_image` gives it; BrokenImage where that fails."""
    return read_image(files.read(name), channels=channels)
