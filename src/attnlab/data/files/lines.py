"""Text files of one sentence a line, plain or gzipped; whatever is wrong with one is a single clear line."""

import gzip
import logging
import re
import zlib
from pathlib import Path

from attnlab.data.files.encodings import MARK, decode
from attnlab.errors import UserError
from attnlab.reading.bounds import gunzip, read_file

log = logging.getLogger(__name__)
GZIP = b"\x1f\x8b"
SHOWN = 3  # files that a message names
# What files of other kinds begin with, so that their mistake is named and not that of their first strange byte.
KINDS = {
    rb"BZh[1-9]1AY&SY": "bzip2",
    rb"\xfd7zXZ\0": "xz",
    rb"\x5d\0\0": "lzma",
    rb"\x28\xb5\x2f\xfd": "zstandard",
    rb"PK\x03\x04": "a zip, as Excel's .xlsx and Word's .docx are too",
    rb"\xd0\xcf\x11\xe0": "a document of an old Office",
    rb"\x89PNG\r\n": "a PNG image",
    rb"\xff\xd8\xff": "a JPEG image",
    rb"7z\xbc\xaf\x27\x1c": "7-Zip",
    rb"Rar!\x1a": "RAR",
    rb"PAR1[\0-\x1f]": "Parquet",
    rb"ARROW1\0": "Arrow",
    rb"%PDF-": "PDF",
    rb"\{\\rtf\d": "RTF",
    rb"(?s:.{257})ustar": "a tar archive",
}


def read_lines(path: Path, *, key: str, encoding: str | None = None) -> list[str]:
    """The lines of a file, read as by `read_raw_lines`, without surrounding white space."""
    return [line.strip() for line in read_raw_lines(path, key=key, encoding=encoding)]


def read_raw_lines(path: Path, *, key: str, encoding: str | None = None) -> list[str]:
    """The lines of `path`, or of `path`.gz where only that exists, without the line feed or its carriage return.

    Only a line feed ends a line: other separators that Unicode knows stand inside sentences. A file without one, but
    with carriage returns, is of those days when they ended lines.

    Args:
        encoding: as the user named it in data.corpus.encoding (None: UTF-8, and there is no such key).

    Raises:
        UserError: the file is missing, unreadable, empty, of another kind or encoding; `key` is what to change.
    """
    text = read_text(path, key=key, encoding=encoding)
    if not text.strip():
        raise UserError(
            f"a text file must hold at least one sentence, got the empty file {found_file(path)} (set {key})"
        )
    if begin_anew := text.count(f"\n{MARK}"):
        log.warning(
            "U+FEFF, the mark of a file's beginning, stands within %s, %d times, as of files that were put together "
            "or shuffled: it is read as a letter (take it out)", found_file(path), begin_anew,
        )  # fmt: skip
    text = text.removesuffix("\n")
    if "\n" not in text and "\r" in text.removesuffix("\r"):
        return text.removesuffix("\r").split("\r")
    return [line.removesuffix("\r") for line in text.split("\n")]


def read_text(path: Path, *, key: str, encoding: str | None = None) -> str:
    """All of a file, found and refused as by `read_raw_lines`, its line ends as they are; it may be empty."""
    found = found_file(path)
    return decode(_unpacked(found, key), found, encoding=encoding, key=key)


def found_file(path: Path) -> Path:
    """`path`, or `path`.gz where only that exists."""
    packed = path.with_name(path.name + ".gz")
    return packed if packed.exists() and not path.exists() else path


def kind_of(start: bytes) -> str | None:
    """What files are that begin so, if that is another kind than text; None where it needn't be."""
    return next((kind for magic, kind in KINDS.items() if re.match(magic, start)), None)


def check_kind(start: bytes, path: Path, *, key: str) -> None:
    """UserError for what begins as files do that aren't text; `start` is of some hundred bytes."""
    if (kind := kind_of(start)) is not None:
        raise UserError(f"a text file must be plain or gzip, got {path}, which is {kind} (unpack it, or set {key})")


def file_trouble(error: Exception, path: Path, *, key: str) -> UserError:
    """What to say of a file that can't be opened, or not to its end."""
    if isinstance(error, (FileNotFoundError, NotADirectoryError)) and path.parent.is_file():
        folder, name = path.parent.parent, path.parent.name
        named = "" if key == "data.root" else f" {key}={name}"
        return UserError(f"data.root must be a folder, got the file {path.parent} (set data.root={folder}{named})")
    if isinstance(error, FileNotFoundError) and not path.parent.is_dir():
        keys = key if key == "data.root" else f"data.root or {key}"
        return UserError(f"a text file must exist, got {path}, whose folder doesn't (set {keys})")
    if isinstance(error, FileNotFoundError):
        also = "" if path.suffix == ".gz" else ", nor is there a .gz of it"
        others = _others(path)
        keys = f"data.root or {key}" if key.startswith("data.corpus.") and not others else key
        return UserError(f"a text file must exist, got {path}, which doesn't{also}{others} (set {keys})")
    if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
        return UserError(f"a text file must be readable, got {path}: {error.strerror} (set {key})")
    return UserError(f"a .gz file must be whole, got {path} with: {error} (set {key})")


def _others(path: Path) -> str:
    """Which files of its kind lie in its folder, and that each split is one, which who has a single file can't know."""
    found = sorted(each.name for each in path.parent.glob(f"*{path.suffix}") if path.suffix and each.is_file())
    if not found and (alike := sorted(each.name for each in path.parent.glob(f"{path.stem}.*") if each.is_file())):
        return f"; there is {alike[0]}"
    shown = ", ".join(found[:SHOWN]) + (" ..." if len(found) > SHOWN else "")
    return f"; each split is a file, and there are {shown}" if found else ""


def _unpacked(path: Path, key: str) -> bytes:
    try:
        data = read_file(path)
        check_kind(data[:512], path, key=key)
        if path.suffix == ".gz" or data.startswith(GZIP):  # whatever it is called
            data = gunzip(data, path)
            check_kind(data[:512], path, key=key)
    except (OSError, EOFError, zlib.error) as error:
        raise file_trouble(error, path, key=key) from error
    return data
