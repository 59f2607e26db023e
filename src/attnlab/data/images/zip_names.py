"""What the files of a zip archive are called, where it doesn't say in which encoding."""

import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from attnlab.errors import UserError

IS_UTF8 = 0x800  # the flag of a name in UTF-8
UNICODE_PATH = 0x7075  # the extra field that holds such a name beside another one
AS_WRITTEN = "cp437"  # what `zipfile` takes for the encoding, in which any bytes are a name
NEARLY = 0.8  # of letters that are in daily use, in names that are really in that script
ENOUGH = 8  # different syllables, after which chance hardly makes Chinese lie where Korean does


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

    UTF-8 and Japanese kana give themselves away. What may be Chinese or Korean alike is taken for Chinese, unless many
    syllables speak against it, and both only where nearly all letters are in daily use: a Western name's accented
    letters make up rare ones.
    """
    for encoding, likely in _GUESSES:
        try:
            texts = [name.decode(encoding) for name in names]
        except UnicodeDecodeError:
            continue
        if likely(texts):
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


def _foreign(names: Sequence[str]) -> list[str]:
    """Letters that aren't ASCII, and what is no sign at all; without punctuation, which may be wide."""
    return [
        each for name in names for each in name if not each.isascii() and unicodedata.category(each)[0] not in "PSZ"
    ]


def _is_utf8(names: Sequence[str]) -> bool:
    return any(not name.isascii() for name in names)


def _is_kana(names: Sequence[str]) -> bool:
    # Bytes of Chinese look like the half-width kind, which names are hardly written in; French's circumflexes like a
    # lone one among Latin letters.
    letters, text = _foreign(names), "\n".join(names)
    return (
        any("\u3040" <= each <= "\u30ff" for each in letters)
        and not any("\uff61" <= each <= "\uff9f" for each in letters)
        and re.search("[\u3040-\u30ff][\u3040-\u9fff]|(?<![A-Za-z])[\u3040-\u30ff](?![A-Za-z])", text) is not None
    )


def _is_simplified(names: Sequence[str]) -> bool:
    """Nearly all are characters of daily use, whose bytes are all beyond the accented letters of Western code pages."""
    letters = _foreign(names)
    return bool(letters) and sum(map(_is_common, letters)) >= NEARLY * len(letters)


def _is_korean(names: Sequence[str]) -> bool:
    """Of bytes that are Chinese as well, all lie where Korean has its syllables: of Chinese, three in five do."""
    letters = _foreign(names)
    return len(set(letters)) >= ENOUGH and all("\uac00" <= each <= "\ud7a3" for each in letters)


def _is_common(letter: str) -> bool:
    try:
        letter.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return _is_han(letter)


def _is_han(letter: str) -> bool:
    return "\u4e00" <= letter <= "\u9fff"


def _is_daily(encoding: str, leads: range) -> Callable[[Sequence[str]], bool]:
    """Characters in daily use, which in this encoding begin with these bytes.

    The second byte may be an ASCII letter, so what follows an accented one of a Western name may be taken for it: none
    stands beside a Latin letter, and not all have one.
    """

    def check(names: Sequence[str]) -> bool:
        letters = _foreign(names)
        if not letters or not all(map(_is_han, letters)):
            return False
        pairs = [each.encode(encoding) for each in letters]
        beside = re.search("[A-Za-z][\u4e00-\u9fff]|[\u4e00-\u9fff][A-Za-z]", "\n".join(names))
        return all(each[0] in leads for each in pairs) and beside is None and any(each[1] >= 0x80 for each in pairs)

    return check


_GUESSES: tuple[tuple[str, Callable[[Sequence[str]], bool]], ...] = (
    ("utf-8", _is_utf8),
    ("cp932", _is_kana),
    ("cp949", _is_korean),
    ("gb18030", _is_simplified),
    ("big5", _is_daily("big5", range(0xA4, 0xC7))),
    ("cp932", _is_daily("cp932", range(0x88, 0x98))),
)
