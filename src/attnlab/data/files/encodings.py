"""The encodings of text files: their names, the marks that files begin with, and where one doesn't fit its file."""

import codecs
from collections.abc import Callable
from pathlib import Path

from attnlab.errors import UserError

DEFAULT = "utf-8"
# Longest first: that of UTF-32 begins as UTF-16's does.
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
BY_CHANCE = 8  # characters of an East Asian encoding that may happen to be UTF-8
WHOLE = 1 << 16  # bytes; a file with fewer was read to its end
MARK = "\ufeff"  # what they all stand for
ZEROS = 0.2  # more of a file's bytes than this are 0 in UTF-16 of letters that Latin scripts share, in no other text


def checked_encoding(name: str) -> str:
    """`name` itself.

    Raises:
        ValueError: no text is of this encoding.
    """
    try:
        if "a\n".encode(name).decode(name) == "a\n":
            return name
    except (LookupError, TypeError, ValueError):  # TypeError: 1252, without quotes
        pass
    raise ValueError(
        "encoding must be one that Python knows, such as utf-8, utf-16, gb18030, big5, shift_jis, euc_kr, cp1252 or "
        f"latin-1, got {name!r} (set data.corpus.encoding)"
    )


def check_mark(start: bytes, path: Path, *, encoding: str | None, key: str) -> None:
    """See whether a file's beginning shows another encoding, by its mark or its bytes; arguments as `decode`'s.

    What fits a wrong encoding, too, would be read without an error: UTF-8 as Latin-1, UTF-16 with its bytes swapped.

    Raises:
        UserError: it does.
    """
    taken = DEFAULT if encoding is None else encoding
    if _family(taken) in ("utf-16", "utf-32"):
        _check_wide(start, path, encoding=taken, key=key)
        return
    marked = next((name for mark, name in MARKS.items() if start.startswith(mark)), None)
    if marked is not None and marked != _family(taken):
        raise _refusal(taken, f"{path}, which begins with the mark of {marked}", encoding=encoding, key=key)
    if start.count(0) > ZEROS * len(start):
        guess = "utf-16-be" if start[:1] == b"\0" else "utf-16-le"
        raise _refusal(taken, f"{path}, which looks like {guess}", encoding=encoding, key=key)
    if _family(taken) != "utf-8" and _is_utf8(start, taken):
        raise _refusal(taken, f"{path}, which looks like utf-8", encoding=encoding, key=key)


def _check_wide(start: bytes, path: Path, *, encoding: str, key: str) -> None:
    if any(start.startswith(mark) for mark in MARKS):
        marked = next(name for mark, name in MARKS.items() if start.startswith(mark))
        if marked == "utf-8":
            raise _refusal(encoding, f"{path}, which begins with the mark of {marked}", encoding=encoding, key=key)
        return
    if b"\n" in start and 0 not in start and _decodes(start):
        raise _refusal(encoding, f"{path}, which looks like utf-8", encoding=encoding, key=key)
    if _family(encoding) == "utf-16" and (found := _order(start)) not in (None, _byte_order(encoding)):
        raise _refusal(encoding, f"{path}, which looks like {found}", encoding=encoding, key=key)


def _byte_order(encoding: str) -> str:
    """utf-16-le or utf-16-be: that in which a file without a mark is read."""
    return "utf-16-be" if "a".encode(encoding).endswith(b"\0a") else "utf-16-le"


def _order(start: bytes) -> str | None:
    """The order of bytes in UTF-16, by its line ends and Latin letters; None where there are none to tell."""
    ends = {"utf-16-be": 0, "utf-16-le": 0}
    for name in ends:
        units = start[: len(start) // 2 * 2].decode(name, errors="replace")
        ends[name] = sum(each < "\x7f" for each in units)
    if ends["utf-16-be"] == ends["utf-16-le"]:
        return None
    return max(ends, key=ends.__getitem__)


def _is_utf8(start: bytes, taken: str) -> bool:
    """Whether bytes beyond ASCII are UTF-8 throughout; of encodings of several bytes a few may be so by chance."""
    if start.isascii() or not _decodes(start):
        return False
    single = len(start.decode(taken, errors="replace")) == len(start)
    return single or sum(byte >= 0xC0 for byte in start) >= BY_CHANCE


def _decodes(start: bytes) -> bool:
    """Whether it is UTF-8; of a long beginning the last character may be cut off."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start, final=len(start) < WHOLE)
    except UnicodeDecodeError:
        return False
    return True


def decode(data: bytes, path: Path, *, encoding: str | None, key: str) -> str:
    """The text that a file's bytes are, without a mark.

    Args:
        encoding: as the user named it (None: UTF-8, and there is no key for it).
        key: what to change where there is none.

    Raises:
        UserError: a byte that can't stand where it does.
    """
    check_mark(data, path, encoding=encoding, key=key)
    taken = DEFAULT if encoding is None else encoding
    try:
        return data.decode(taken).removeprefix(MARK)
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0  # the mark of UTF-16 raises the plain one
        line = data[:start].decode(taken, errors="ignore").count("\n") + 1
        column = start - data.rfind(b"\n", 0, start)
        place = f"line {line}" if _family(taken) in ("utf-16", "utf-32") else f"line {line}, byte {column}"
        got = f"byte {data[start]:#04x} at {place} of {path}"
        instead = _fitting(data[start - column + 1 :], taken)
        raise _refusal(taken, got, encoding=encoding, key=key, instead=instead) from error


def _fitting(data: bytes, taken: str) -> str:
    """Which other encodings the bytes may be of, as a value or as a choice of them."""
    found = [name for name, usual in EAST_ASIAN.items() if name != taken and _is_mostly(usual, name, data[:WHOLE])]
    return f"={found[0]}" if len(found) == 1 else f", such as {' or '.join(found or ANY)}"


def _is_mostly(usual: Callable[[str], bool], name: str, start: bytes) -> bool:
    """Whether bytes are an encoding's, and most characters beyond ASCII are those that its texts mostly have."""
    try:
        text = codecs.getincrementaldecoder(name)().decode(start, final=len(start) < WHOLE)
    except UnicodeDecodeError:
        return False
    beyond = [each for each in text if each > "\x7f"]
    return sum(map(usual, beyond)) > USUAL * len(beyond)


def _is_in(encoding: str, first: int = 0, last: int = 0xFF) -> Callable[[str], bool]:
    """Whether a character is one of an encoding whose bytes begin with one of these."""

    def is_in(character: str) -> bool:
        try:
            return first <= character.encode(encoding)[0] <= last
        except UnicodeEncodeError:
            return False

    return is_in


USUAL = 0.9  # of characters; the rest are rarer, or signs
# Of encodings of several bytes, which bytes will mostly be: what the others' texts are in it by chance is of others.
EAST_ASIAN = {
    "gb18030": _is_in("gb2312"),
    "big5": _is_in("big5", 0xA1, 0xC6),
    "shift_jis": _is_in("shift_jis", 0x81, 0x9F),
    "euc_kr": _is_in("euc_kr", 0xA1, 0xC8),
}
ANY = ("cp1252", "cp1251")


def _family(encoding: str) -> str:
    """utf-16 of utf-16-le."""
    name = codecs.lookup(encoding).name
    return next((family for family in ("utf-8", "utf-16", "utf-32") if name.startswith(family)), name)


def _refusal(taken: str, got: str, *, encoding: str | None, key: str, instead: str = "") -> UserError:
    name = "UTF-8" if _family(taken) == "utf-8" else taken
    remedy = f"set {key}" if encoding is None else f"set data.corpus.encoding{instead}, or {key}"
    return UserError(f"a text file must be {name}, got {got} ({remedy})")
