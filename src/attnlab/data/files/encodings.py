"""The encodings of text files: their names, the marks that files begin with, and where one doesn't fit its file."""

import codecs
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
    """See whether a file begins with the mark of another encoding, or is UTF-16 without one; arguments as `decode`'s.

    Raises:
        UserError: it does, or is.
    """
    taken = DEFAULT if encoding is None else encoding
    if _family(taken) in ("utf-16", "utf-32"):
        return
    marked = next((name for mark, name in MARKS.items() if start.startswith(mark)), None)
    if marked is not None and marked != _family(taken):
        raise _refusal(taken, f"{path}, which begins with the mark of {marked}", encoding=encoding, key=key)
    if start.count(0) > ZEROS * len(start):
        guess = "utf-16-be" if start[:1] == b"\0" else "utf-16-le"
        raise _refusal(taken, f"{path}, which looks like {guess}", encoding=encoding, key=key)


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
        raise _refusal(taken, f"byte {data[start]:#04x} at {place} of {path}", encoding=encoding, key=key) from error


def _family(encoding: str) -> str:
    """utf-16 of utf-16-le."""
    name = codecs.lookup(encoding).name
    return next((family for family in ("utf-8", "utf-16", "utf-32") if name.startswith(family)), name)


def _refusal(taken: str, got: str, *, encoding: str | None, key: str) -> UserError:
    name = "UTF-8" if _family(taken) == "utf-8" else taken
    remedy = f"set {key}" if encoding is None else f"set data.corpus.encoding, or {key}"
    return UserError(f"a text file must be {name}, got {got} ({remedy})")
