"""What the files of a zip archive are called, where it doesn't say in which encoding."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from attnlab.errors import UserError

IS_UTF8 = 0x800  # the flag of a name in UTF-8
UNICODE_PATH = 0x7075  # the extra field that holds such a name beside another one
AS_WRITTEN = "cp437"  # what `zipfile` takes for the encoding, in which any bytes are a name


class ZipNames(NamedTuple):
    """The names of an archive's members."""

    members: dict[str, zipfile.ZipInfo]
    guessed: str | None  # the encoding taken for names that don't say theirs; None where all do, or one was given


def zip_names(archive: zipfile.ZipFile, encoding: str | None = None) -> ZipNames:
    """Names by their flag, by Info-ZIP's extra field, or else in `encoding`; None for one guessed of all of them.

    Archives of Windows in East Asia have names in its code page, GBK or Shift-JIS say, and no flag.

    Raises:
        UserError: there is no such encoding, or a name isn't in it.
    """
    infos = archive.infolist()
    names = {info: _said(info) for info in infos}
    unsaid = {info: _bytes(info) for info, name in names.items() if name is None}
    guessed = None
    if unsaid and encoding is None:
        guessed = encoding = guessed_encoding(list(unsaid.values()))
    members = {}
    for info in infos:
        name = names[info]
        members[_decoded(unsaid[info], str(encoding)) if name is None else name] = info
    if not any("/" in name for name in members):  # some writers of Windows have its sign between folders
        members = {name.replace("\\", "/"): info for name, info in members.items()}
    return ZipNames(members, guessed)


def guessed_encoding(names: Sequence[bytes]) -> str:
    """The likeliest encoding of names that are all in the same one.

    UTF-8 and Japanese kana give themselves away; what may be Chinese or Korean alike is taken for Chinese, first by the
    characters that are in daily use.
    """
    for encoding, likely in _GUESSES:
        try:
            text = "".join(name.decode(encoding) for name in names)
        except UnicodeDecodeError:
            continue
        if likely("".join(letter for letter in text if not letter.isascii())):
            return encoding
    return AS_WRITTEN


def _said(info: zipfile.ZipInfo) -> str | None:
    """A member's name where the archive says in which encoding; ASCII is in any."""
    if info.flag_bits & IS_UTF8 or info.orig_filename.isascii():
        return info.filename
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        # By the sum of the name beside it, which was changed later if that is another.
        if kind == UNICODE_PATH and field[:5] == struct.pack("<BL", 1, zlib.crc32(_bytes(info))):
            return field[5:].decode("utf-8", errors="replace")
    return None


def _bytes(info: zipfile.ZipInfo) -> bytes:
    return info.orig_filename.encode(AS_WRITTEN)


def _decoded(name: bytes, encoding: str) -> str:
    try:
        return name.decode(encoding)
    except LookupError as error:
        raise UserError(f"there is no such encoding, got {encoding} (set data.zip_encoding)") from error
    except UnicodeDecodeError as error:
        raise UserError(
            f"every name in the archive must be in {encoding}, got {name!r} (set data.zip_encoding)"
        ) from error


def _has_kana(text: str) -> bool:
    # Bytes of Chinese look like the half-width kind, which names are hardly written in.
    return any("\u3040" <= letter <= "\u30ff" for letter in text) and not any("\uff61" <= x <= "\uff9f" for x in text)


def _is_within(encoding: str) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            return False
        return _has_han(text)

    return check


def _has_han(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


_GUESSES: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("utf-8", bool),
    ("cp932", _has_kana),
    ("gb18030", _is_within("gb2312")),
    ("big5", _has_han),
    ("gb18030", _has_han),
)
