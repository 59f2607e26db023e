"""What an argument of `attnlab predict` is: a text, a file, or a file that isn't there."""

import bz2
import gzip
import io
import lzma
import os
from pathlib import Path
from typing import Any

import pytest

from attnlab.commands.predict.inputs import Given, Reading, names_a_file, read
from attnlab.commands.predict.run_files import RunFiles
from attnlab.errors import UserError

PLAIN = Reading(
    as_text=False, whole_file=False, words=False, labels_words=False, files=RunFiles({}), endings=["xx-Latn"]
)


def _texts(*inputs: str, **changes: Any) -> list[str]:
    return [text for text, _ in read(inputs, PLAIN._replace(**changes))]


@pytest.mark.parametrize(
    "name",
    [
        "/no/such/dir/test.en",
        "/no/such dir/test.en",
        "/tmp/no such dir/test",
        "my test.xx-Latn",
        "my docs/test.xx-Latn",
        "test.xx-latn ",
        "tests/news",
        "tests/news.src",
        "and/or",
        "~/none",
        "~ada",
        "./none",
        "..\\none",
        "C:\\none",
        "c:/none",
        "\\\\server\\none",
        "none.de",
        "NONE.TXT",
        "none.conll",
        "none.zh",
        "none.xx-Latn",
        "none.en.gz",
        "数据.txt",
    ],
)
def test_a_file_that_is_not_there_is_never_predicted_from(name: str) -> None:
    with pytest.raises(UserError) as error:
        _texts(name)
    assert str(error.value) == f"no such file, got {name} (add --text if it is the text itself)"
    assert _texts(name, as_text=True) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "and/or so it is said",
        "U.S.",
        "U.S",
        "p.m",
        "5.de ist es",
        "24/7",
        "3.14",
        "One.Two",
        "ada@example.org",
        "See README.md",
        "/s and /z are sounds",
        "/no such folder at all/ he said",
        "What is test.xx-Latn?",
        "他/她都可以。",
        "~5",
        "Ur",
        "x" * 100_000,
        "a\0b",
    ],
)
def test_what_reads_like_a_text_is_one(text: str) -> None:
    assert not names_a_file(text)
    assert _texts(text, "", " ") == [text, "", " "]


def test_a_file_is_read_by_whatever_name_it_has_and_a_folder_is_not(tmp_path: Path) -> None:
    Path("and").mkdir()
    Path("and/or").write_text("one\n\ntwo")
    assert _texts("and/or", "three") == ["one", "", "two", "three"]
    assert _texts("and/or", whole_file=True) == ["one\n\ntwo"]
    assert _texts("and/or", "-", as_text=True) == ["and/or", "-"]
    with pytest.raises(UserError, match=r"^a run on text reads files, got the folder and \(name its files, or add "):
        _texts("and")
    read_end, write_end = os.pipe()
    os.write(write_end, b"piped\n")
    os.close(write_end)
    assert _texts(f"/dev/fd/{read_end}") == ["piped"]
    os.close(read_end)


@pytest.mark.parametrize(
    "data, texts",
    [
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"a\rb\r", ["a", "b"]),
        ("\ufeffa\u2028b\x85\x0bc\n\nd".encode(), ["a\u2028b\x85\x0bc", "", "d"]),
        ("a猫\nb".encode("utf-16"), ["a猫", "b"]),
        (gzip.compress(b"a\n", mtime=0), ["a"]),
        (bz2.compress(b"a\nb"), ["a", "b"]),
        (lzma.compress(b"a"), ["a"]),
        (lzma.compress(b"a", format=lzma.FORMAT_ALONE), ["a"]),
    ],
)
def test_a_file_is_read_by_what_it_begins_with(data: bytes, texts: list[str]) -> None:
    Path("in.xyz").write_bytes(data)
    assert _texts("in.xyz") == texts


@pytest.mark.parametrize(
    "name, data, message",
    [
        (
            "in.txt",
            b"a\nb\xe9",
            r"^in.txt isn't UTF-8 text: byte 0xe9 in line 2 \(set --encoding NAME, ",
        ),
        ("in.pdf", b"%PDF-1.7\n\xe2\xe3", r"got in.pdf, which is PDF \(save its text as .txt, one a line\)$"),
        ("in.gz", b"a", r"^a packed file must be whole, got in.gz, which isn't gzip$"),
        ("in.gz", gzip.compress(b"a" * 99, mtime=0)[:-9], r"^a packed file must be whole, got in.gz with: "),
        ("in.txt", b" \n\n", r"^predict needs a text, and in.txt is empty \(give TEXT or a FILE"),
        (
            "in.jsonl",
            b"{}",
            r"^predict reads one text a line, got in.jsonl, whose lines are JSON \(write the",
        ),
        ("in.csv.gz", gzip.compress(b"a,b", mtime=0), r"got in.csv.gz, whose lines are rows of a table \(write the"),
        (
            "in.conll",
            b"a O",
            r"got in.conll, whose lines are words in columns \(write the",
        ),
    ],
)
def test_what_is_no_file_of_texts_is_refused(name: str, data: bytes, message: str) -> None:
    Path(name).write_bytes(data)
    with pytest.raises(UserError, match=message):
        _texts(name)


def test_stdin_is_read_without_input_and_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    for inputs, expected in (((), ["a", "b"]), (("x", "-"), ["x", "a", "b"])):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a\nb\n")))
        assert _texts(*inputs) == expected


def test_words_are_given_by_spaces_or_by_columns(capsys: pytest.CaptureFixture[str]) -> None:
    tagger = PLAIN._replace(labels_words=True)
    assert read([" 新  iPhone13"], tagger._replace(words=True)) == [Given(" 新  iPhone13", [(1, 2), (4, 12)])]
    Path("in.txt").write_text("Ada B-PER\nsaw O\n\nUr B-LOC\n")
    assert read(["in.txt"], tagger) == [Given("Ada saw", [(0, 3), (4, 7)]), Given("Ur", [(0, 2)])]
    assert capsys.readouterr().err == "read the words of 2 sentences in in.txt, a file in columns\n"
    assert _texts("in.txt")[0] == "Ada B-PER"  # to a run that labels no words
    with pytest.raises(UserError, match=r"^this file isn't one text, got in.txt \(drop --whole-file\)$"):
        read(["in.txt"], tagger._replace(whole_file=True))


def test_records_are_read_by_the_field_of_the_runs_data() -> None:
    Path("in.jsonl").write_text('{"body": "a"}\n\n{"body": ["b", "c"], "x": 1}\n')
    assert _texts("in.jsonl", files=RunFiles({"document": "body"})) == ["a", "b\nc"]
    with pytest.raises(UserError, match=r"^a record must have a text in the field 'x', as the run's data has, got lin"):
        _texts("in.jsonl", files=RunFiles({"document": "x"}))


def test_a_file_is_of_the_encoding_that_is_asked_for_or_of_the_runs_own() -> None:
    Path("in.txt").write_bytes("天空\n".encode("gb18030"))
    own = RunFiles({"encoding": "gb18030"})
    assert _texts("in.txt", files=own) == _texts("in.txt", encoding="gb18030") == ["天空"]
    Path("in.txt").write_text("天空\n")
    assert _texts("in.txt", files=own) == ["天空"]
    Path("in.txt").write_bytes(b"\xff\n")
    with pytest.raises(UserError, match=r"^in.txt isn't GB18030 text: byte 0x"):
        _texts("in.txt", encoding="gb18030")
    Path("in.txt").write_bytes("one two\n".encode("utf-16-le"))
    with pytest.raises(UserError, match=r"it looks like UTF-16 \(set --encoding NAME"):
        _texts("in.txt", files=own)
    assert _texts("in.txt", files=RunFiles({"encoding": "utf-16-le"})) == ["one two"]


def test_words_that_may_be_one_text_are_told_to_be_several(capsys: pytest.CaptureFixture[str]) -> None:
    assert _texts("ka", "kato") == ["ka", "kato"]
    assert capsys.readouterr().err == (
        "read 2 texts of one word each (one text goes in quotes: attnlab predict RUN 'ka kato')\n"
    )
    with pytest.raises(UserError, match=r"got the folder \. .*, or quote one text: 'ka kato \.'\)$"):
        _texts("ka", "kato", ".")


@pytest.mark.parametrize("texts", [["ka"], ["ka kato", "vidas"], ["他来了", "她走了"]])
def test_texts_that_are_whole_are_not_told_of_quotes(texts: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _texts(*texts) == texts
    assert capsys.readouterr().err == ""
