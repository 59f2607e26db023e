"""Text files of one sentence a line: how they are read, and the one line that each mistake in them gets."""

import bz2
import gzip
import lzma
import os
import re
from pathlib import Path

import pytest

from attnlab.data.files.lines import read_lines, read_raw_lines
from attnlab.errors import UserError


def test_only_a_line_feed_ends_a_line(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes("\ufeff a\u2028b \r\n\x0cc\x85d\re\n\nf".encode())
    assert read_raw_lines(path, key="some.key") == [" a\u2028b ", "\x0cc\x85d\re", "", "f"]
    assert read_lines(path, key="some.key") == ["a\u2028b", "c\x85d\re", "", "f"]


def test_marks_of_files_put_together_are_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "text"
    path.write_text("\ufeffone\n")
    read_lines(path, key="some.key")
    assert caplog.text == ""
    path.write_text("one\n\ufefftwo\n\ufeffthree\n")
    read_lines(path, key="some.key")
    assert f"U+FEFF, the mark of a file's beginning, stands within {path}, 2 times" in caplog.text


def test_where_no_file_of_its_kind_is_the_folder_may_be_wrong(tmp_path: Path) -> None:
    wanted = tmp_path / "train.tsv"
    with pytest.raises(UserError, match=r"nor is there a .gz of it \(set data.root or data.corpus.train\)"):
        read_lines(wanted, key="data.corpus.train")
    (tmp_path / "train.xlsx").write_bytes(b"PK")
    with pytest.raises(UserError, match=r"there is train.xlsx \(set data.corpus.train\)"):
        read_lines(wanted, key="data.corpus.train")


def test_a_packed_file_is_read_where_there_is_no_plain_one(tmp_path: Path) -> None:
    (tmp_path / "text.gz").write_bytes(gzip.compress(b"packed\n"))
    assert read_lines(tmp_path / "text", key="some.key") == ["packed"]
    assert read_lines(tmp_path / "text.gz", key="some.key") == ["packed"]
    (tmp_path / "text").write_text("plain\n")
    assert read_lines(tmp_path / "text", key="some.key") == ["plain"]


@pytest.mark.parametrize(
    "name, content, message",
    [
        ("none", None, "a text file must exist, got {path}, which doesn't, nor is there a .gz of it (set some.key)"),
        ("no/one", None, "a text file must exist, got {path}, whose folder doesn't (set data.root or some.key)"),
        ("none.gz", None, "a text file must exist, got {path}, which doesn't (set some.key)"),
        ("text", b" \n\n", "a text file must hold at least one sentence, got the empty file {path} (set some.key)"),
        (
            "text",
            b"one\nni\xf1o\n",
            "a text file must be UTF-8, got byte 0xf1 at line 2, byte 3 of {path} (set some.key)",
        ),
    ],
)
def test_a_mistake_is_one_line_with_the_key_it_was_given(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=f"^{re.escape(message.format(path=path))}$"):
        read_lines(path, key="some.key")


def test_who_has_another_folder_or_a_single_file_is_told_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text("one\teins\n")
    said = "; each split is a file, and there are pairs.tsv (set data.corpus.train)"
    with pytest.raises(UserError, match=re.escape(said)):
        read_lines(tmp_path / "train.tsv", key="data.corpus.train")
    said = f"data.root must be a folder, got the file {tmp_path}/pairs.tsv (set data.root={tmp_path} "
    with pytest.raises(UserError, match=re.escape(f"{said}data.corpus.train=pairs.tsv)")):
        read_lines(tmp_path / "pairs.tsv" / "train.tsv", key="data.corpus.train")


@pytest.mark.parametrize("kept", [1, 5, 17, 40])
def test_a_packed_file_cut_anywhere_is_not_whole(tmp_path: Path, kept: int) -> None:
    whole = gzip.compress(b"a sentence that isn't so very short\n" * 7 + bytes(range(32, 127)))
    (tmp_path / "text.gz").write_bytes(whole[:kept])
    with pytest.raises(
        UserError, match=r"^a \.gz file must be whole, got [^\n]*text\.gz with: [^\n]+ \(set some\.key\)$"
    ):
        read_lines(tmp_path / "text", key="some.key")


@pytest.mark.parametrize("content", [b"a\rb c\rd\r", b"a\rb c\rd", b"a\rb c\rd\n"])
def test_carriage_returns_end_lines_where_nothing_else_does(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "text").write_bytes(content)
    assert read_lines(tmp_path / "text", key="some.key") == ["a", "b c", "d"]


def test_a_gzip_file_is_one_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(gzip.compress(b"packed\n"))
    assert read_lines(tmp_path / "text", key="some.key") == ["packed"]


@pytest.mark.parametrize(
    "content, kind",
    [
        (bz2.compress(b"text"), "bzip2"),
        (lzma.compress(b"text"), "xz"),
        (lzma.compress(b"text", format=lzma.FORMAT_ALONE), "lzma"),
        (b"\x28\xb5\x2f\xfd rest", "zstandard"),
        (b"PK\x03\x04 rest", "a zip, as Excel's .xlsx and Word's .docx are too"),
        (b"PAR1\x15\x04", "Parquet"),
        (gzip.compress(b"name".ljust(257, b"\0") + b"ustar\0", mtime=0), "a tar archive"),
    ],
)
def test_a_file_of_another_kind_is_named(tmp_path: Path, content: bytes, kind: str) -> None:
    (tmp_path / "text").write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_lines(tmp_path / "text", key="some.key")
    assert str(caught.value) == (
        f"a text file must be plain or gzip, got {tmp_path}/text, which is {kind} (unpack it, or set some.key)"
    )


def test_a_text_may_begin_as_other_files_nearly_do(tmp_path: Path) -> None:
    for text in ("BZh is no word", "PAR1 d'hommes", "Rar! so selten", "ARROW1 keys"):
        (tmp_path / "text").write_text(text)
        assert read_lines(tmp_path / "text", key="some.key") == [text]


def test_a_pipe_is_not_waited_for_and_a_file_without_an_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    (tmp_path / "bomb.txt.gz").write_bytes(gzip.compress(bytes(3 << 20)))
    (tmp_path / "line.txt").write_bytes(b"a" * (3 << 20))
    monkeypatch.setenv("ATTNLAB_MAX_FILE_MIB", "2")
    for name, said in (
        ("pipe.txt", "it is a pipe, not a file"),
        ("zero.txt", "it is a device, not a file"),
        ("loop.txt", "symbolic links"),
        ("bomb.txt", "it unpacks to more than 2 MiB"),
        ("line.txt", "it has more than 2 MiB"),
    ):
        with pytest.raises(UserError, match=rf"{said}.*\(set data.root\)"):
            read_lines(tmp_path / name, key="data.root")
