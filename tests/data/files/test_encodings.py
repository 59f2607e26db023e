"""Encodings of text files: those that are known, and the one line for a file of another than was said."""

import codecs
import re
from pathlib import Path

import pytest

from attnlab.data.files.encodings import WHOLE, check_mark, checked_encoding, decode
from attnlab.errors import UserError

CHINESE = "今天天气很好，我们去公园。\n"
TRADITIONAL = "今天天氣很好，我們去公園。\n"
TEXT = "天空很蓝\n面馆起火\n"


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "gb18030", "big5"])
def test_a_text_comes_back_without_a_mark(encoding: str) -> None:
    text = TEXT.replace("很蓝", "") if encoding == "big5" else TEXT
    text = text.replace("面馆", "") if encoding == "big5" else text
    data = text.encode(checked_encoding(encoding))
    assert decode(data, Path("x"), encoding=encoding, key="some.key") == text
    marked = {"utf-16-be": codecs.BOM_UTF16_BE, "gb18030": "\ufeff".encode("gb18030")}.get(encoding, b"") + data
    assert decode(marked, Path("x"), encoding=encoding, key="some.key") == text


@pytest.mark.parametrize("name", ["utf-9", "", "base64", "rot13", "a\0b", 1252, None])
def test_what_is_no_encoding_is_refused(name: str) -> None:
    message = f"such as utf-8, utf-16, gb18030, big5, shift_jis, euc_kr, cp1252 or latin-1, got {name!r} (set data."
    with pytest.raises(ValueError, match=re.escape(message)):
        checked_encoding(name)


@pytest.mark.parametrize(
    "data, encoding, message",
    [
        (TEXT.encode("gb18030"), None, "must be UTF-8, got byte 0xcc at line 1, byte 1 of x (set some.key)"),
        (
            b"a\n\xe9t\xe9\n",
            "utf-8",
            "got byte 0xe9 at line 2, byte 1 of x (set data.corpus.encoding=NAME, such as cp1252 or cp125",
        ),
        (CHINESE.encode("gb18030"), "utf-8", "(set data.corpus.encoding=gb18030, or some.key)"),
        (b"a\n" * WHOLE + CHINESE.encode("gb18030"), "utf-8", "(set data.corpus.encoding=gb18030, or some.key)"),
        (TRADITIONAL.encode("big5"), "utf-8", "(set data.corpus.encoding=big5, or some.key)"),
        ("これはペンです。".encode("shift_jis"), "utf-8", "(set data.corpus.encoding=shift_jis, or some.key)"),
        (CHINESE.encode() + b"\xff", "utf-8", "(set data.corpus.encoding=NAME, such as cp1252 or cp1251, or some.key)"),
        (b"a\n\x81\xff\n", "gb18030", "must be gb18030, got byte 0x81 at line 2, byte 1 of x (set data.corpus.enc"),
        (TEXT.encode("utf-16"), "utf-8", "got x, which begins with the mark of utf-16 (set data.corpus.encoding, or"),
        (TEXT.encode("utf-8-sig"), "latin-1", "must be latin-1, got x, which begins with the mark of utf-8 (set "),
        ("plain words".encode("utf-16-le"), "utf-8", "must be UTF-8, got x, which looks like utf-16-le (set data."),
        ("plain words".encode("utf-16-be"), None, "must be UTF-8, got x, which looks like utf-16-be (set some.key)"),
        (TEXT.encode("utf-16-be"), "utf-16", "must be utf-16, got x, which looks like utf-16-be (set data.corpus."),
        ("déjà vu".encode("utf-16-le"), "utf-16-be", "must be utf-16-be, got x, which looks like utf-16-le (set"),
        ("déjà\n".encode(), "utf-16", "must be utf-16, got x, which looks like utf-8 (set data.corpus.encoding"),
        ("café".encode(), "latin-1", "must be latin-1, got x, which looks like utf-8 (set data.corpus.encoding"),
        (TEXT.encode(), "gb18030", "must be gb18030, got x, which looks like utf-8 (set data.corpus.encoding"),
        ("a\nb\n".encode("utf-16-le") + b"\n", "utf-16-le", "must be utf-16-le, got byte 0x0a at line 3 of x (set"),
    ],
)
def test_a_file_of_another_encoding_is_one_line(data: bytes, encoding: str | None, message: str) -> None:
    with pytest.raises(UserError, match=re.escape(message)):
        decode(data, Path("x"), encoding=encoding, key="some.key")


@pytest.mark.parametrize("text, encoding", [("café", "latin-1"), ("联通", "gb18030"), ("你好世界", "utf-16-le")])
def test_what_only_may_be_of_another_encoding_is_taken_as_it_was_named(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), Path("x"), encoding=encoding, key="some.key") == text


def test_a_beginning_that_cuts_a_character_is_still_of_its_encoding() -> None:
    start = ("a" + "é" * 40_000).encode()[: 1 << 16]
    with pytest.raises(UserError, match="which looks like utf-8"):
        check_mark(start, Path("x"), encoding="latin-1", key="some.key")
