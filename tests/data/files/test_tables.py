"""Tables: which values are read, and the file and line in each mistake's message."""

import gzip
import os
import re
from pathlib import Path
from typing import Any

import pytest

from attnlab.data.files.tables import Chosen, TableFormat, header, read_columns
from attnlab.errors import UserError

NAMED: list[Chosen] = [("data.corpus.a", "a"), ("data.corpus.c", "c")]


def _read(
    folder: Path, content: str | bytes, columns: list[Chosen] = NAMED, **form: Any
) -> list[tuple[str, list[str]]]:
    (folder / "t.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    rows = read_columns(folder / "t.csv", columns, TableFormat(**form), key="data.root")
    return [(place.removesuffix(f" of {folder}/t.csv"), values) for place, values in rows]


def _message(folder: Path, content: str | bytes, columns: list[Chosen] = NAMED, **form: Any) -> str:
    with pytest.raises(UserError) as caught:
        _read(folder, content, columns, **form)
    return str(caught.value).replace(f"{folder}/t.csv", "FILE")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_named_columns_in_any_order_with_the_lines_that_rows_begin_in(tmp_path: Path, end: str, mark: str) -> None:
    text = f'{mark}c,b, a {end}1,"two{end}lines","a ""quote"""{end}{end}2,,x\u2028y\x0bz\x85{end}'
    assert _read(tmp_path, text) == [("line 2", ['a "quote"', "1"]), ("line 5", ["x\u2028y\x0bz\x85", "2"])]
    assert header(tmp_path / "t.csv", TableFormat(), key="data.root") == ["c", "b", "a"]


def test_columns_by_place_have_no_header(tmp_path: Path) -> None:
    places: list[Chosen] = [("data.corpus.a", -1), ("data.corpus.b", 0)]
    assert _read(tmp_path, "a,b,c\n1,2,3\n", places) == [("line 1", ["c", "a"]), ("line 2", ["3", "1"])]
    assert _message(tmp_path, "a,b\n", [("data.corpus.a", 2)]) == (
        "a must be within the 2 columns of FILE, got 2 (set data.corpus.a)"
    )


def test_a_table_is_divided_as_its_first_line_is_or_as_is_said(tmp_path: Path) -> None:
    assert _read(tmp_path, 'a\tc\n"1" is one\t2,3\n') == [("line 2", ['"1" is one', "2,3"])]
    assert _read(tmp_path, 'a\tc\n"1\t2"\t3\n', quoted=True) == [("line 2", ["1\t2", "3"])]
    assert _read(tmp_path, "a\tc\n1,2\t3\n", delimiter="\\t") == [("line 2", ["1,2", "3"])]
    assert _read(tmp_path, 'a;c\n"1;2";3\n', delimiter=";") == [("line 2", ["1;2", "3"])]
    assert _read(tmp_path, 'a;c\n"1;3\n', delimiter=";", quoted=False) == [("line 2", ['"1', "3"])]
    assert _message(tmp_path, "a;c\n1;2\n") == (
        "a table must have the column 'a', got a;c in FILE, which ';' seems to divide (write "
        "data.corpus.delimiter=\"';'\")"
    )
    assert "(set data.corpus.a or data.corpus.delimiter)" in _message(tmp_path, "b;c\n1;2\n")
    for delimiter in ("", ", ", '"', "\n", 3):
        with pytest.raises(
            ValueError, match=r"^delimiter must be one character between values, or null, got .* \(set "
        ):
            TableFormat(delimiter=delimiter)  # type: ignore[arg-type]


OPEN, WITHIN = '" begins a value there, and none ends it (add it', "for a quote in it"


@pytest.mark.parametrize(
    "text, message",
    [
        ("a,b,c\n1,2,3\n1,2, 3,4,5\n", "as the header has, got 5 at line 3 of FILE (write \"...\" round a value "
         "with ',' in it: '1', '2', ' 3', '4' are read as values there; or set data.root)"),
        ("a\tb\tc\n1\t2\t3\n1\t2\t3\t4\n", "got 4 at line 3 of FILE (correct line 3, or set data.root)"),
        ("x,b,q\n1,2,3\n", "must have the column 'a', got x, b, q in FILE (set data.corpus.a to one of these, or "
         "to its place, 0 to 2, where there is no header)"),
        ('a,b,c\n1,"2\n\n2",3\n1,2\n', "as the header has, got 2 at line 5 of FILE (correct line 5, or set data.root)"),
        ("a,a,c\n1,2,3\n", "a column must stand once in a header, got 'a' more than once in FILE (set data.corpus.a)"),
        ("A,b,d\n1,2,3\n", "must have the column 'a', got A, b, d in FILE (did you mean A?) (set data.corpus.a)"),
        ("838,It is.\n", "got 838, It is. in FILE, whose first line looks like data (set data.corpus.a to the column's "
         "place, such as 1, from 0 on, or keep the header in each file)"),
        ("a,b,c\n", "a table must have a row below its header, got none in FILE (set data.root)"),
        ("a,b,c\n\n\n", "a table must have a row below its header, got none in FILE (set data.root)"),
        ("", "a table must have rows, got the empty file FILE (set data.root)"),
        ('a,b,c\n1,2,3\n1,"2,3\n4,5,6\n', f"must be readable CSV, got FILE, in the row from line 3 on: a {OPEN})"),
        ('a,b,c\n1,"2" too,3\n', f'from line 2 on: a value there goes on after the " that ends it (write "" {WITHIN})'),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    assert message in _message(tmp_path, text)


def test_quotes_that_nothing_ends_are_read_as_letters_where_the_user_can_say_so(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('a,c\n"1,3\n')
    own = re.escape(f"{OPEN}, or set data.corpus.quoted=false where quotes are the text's own)")
    with pytest.raises(UserError, match=f"line 2 on: a {own}$"):
        list(read_columns(path, NAMED, TableFormat(), key="data.corpus.train"))
    assert list(read_columns(path, NAMED, TableFormat(quoted=False), key="data.corpus.train"))


def test_a_doubled_column_that_nobody_reads_is_no_mistake(tmp_path: Path) -> None:
    assert _read(tmp_path, "a,,,c\n1,2,3,4\n") == [("line 2", ["1", "4"])]


def test_encodings_and_kinds_are_those_of_text_files(tmp_path: Path) -> None:
    text = 'a,c\n天空,"很\n蓝"\n'
    for encoding in ("gb18030", "utf-16"):
        assert _read(tmp_path, text.encode(encoding), encoding=encoding) == [("line 2", ["天空", "很\n蓝"])]
    assert _read(tmp_path, gzip.compress(text.encode())) == [("line 2", ["天空", "很\n蓝"])]
    assert _message(tmp_path, b"a,c\n1,2\n\xff,3\n", encoding="utf-8") == (
        "a text file must be UTF-8, got byte 0xff at line 3, byte 1 of FILE "
        "(set data.corpus.encoding, such as cp1252 or cp1251, or data.root)"
    )
    assert "which begins with the mark of utf-16 (set data.root)" in _message(tmp_path, text.encode("utf-16"))
    assert "which is a zip, as Excel's .xlsx and Word's .docx are too (unpack it" in _message(tmp_path, b"PK\x03\x04")
    assert "a .gz file must be whole, got FILE with: " in _message(tmp_path, gzip.compress(text.encode() * 99)[:-9])
    with pytest.raises(
        UserError, match=re.escape(f"must exist, got {tmp_path}/none, which doesn't, nor is there a .gz")
    ):
        list(read_columns(tmp_path / "none", NAMED, TableFormat(), key="data.root"))


def test_quotes_that_a_program_wrote_are_said_where_they_are_read_as_letters(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text = 'a\tc\n"He said ""no""."\t"Go!"\n'
    assert _read(tmp_path, text) == [("line 2", ['"He said ""no""."', '"Go!"'])]
    assert caplog.messages == [
        f"values of {tmp_path}/t.csv look quoted: 2 of them, as in line 2, "
        '"He said ""no""." (set data.corpus.quoted=true)'
    ]
    assert _read(tmp_path, text, quoted=True) == [("line 2", ['He said "no".', "Go!"])]
    assert len(caplog.messages) == 1


@pytest.mark.parametrize("between", ["\t", ","])
def test_empty_lines_between_rows_are_counted_and_those_at_the_end_are_none(
    tmp_path: Path, between: str, caplog: pytest.LogCaptureFixture
) -> None:
    text = "a|c\n\n1|2\n\n\n3|4\n\n\n".replace("|", between)
    assert [place for place, _ in _read(tmp_path, text)] == ["line 3", "line 6"]
    assert caplog.messages == [f"left out empty lines of {tmp_path}/t.csv: 3 of them, the first is line 2"]
    header(tmp_path / "t.csv", TableFormat(), key="data.root")  # which reads no more than it
    _read(tmp_path, text.replace("\n\n\n", "\n").replace("\n\n", "\n"))
    assert len(caplog.messages) == 1


def test_a_value_that_goes_on_in_the_next_line_names_what_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_text('a\tc\nx\t"y\nz"\n')
    chosen = [("data.corpus.source_column", 0)]
    with pytest.raises(
        UserError, match=re.escape("(set data.corpus.quoted=true, or correct line 3, or set data.corpus.train)")
    ):
        list(read_columns(path, chosen, TableFormat(), key="data.corpus.train"))
    read = read_columns(path, chosen, TableFormat(quoted=True), key="data.corpus.train")
    assert [values for _, values in read] == [["a"], ["x"]]


@pytest.mark.parametrize(
    "line, delimiter",
    [
        ('"a\tb",c\n', ","),
        ('a,"b ""\t"""\r\n', ","),
        ('"a, b"\tc\n', "\t"),
        ('"a,b\tc\n', "\t"),
        ("a\tb, c\n", "\t"),
        ("a,b\n", ","),
    ],
)
def test_a_tab_within_quotes_of_a_comma_table_divides_nothing(line: str, delimiter: str) -> None:
    assert TableFormat().delimiter_of(line) == delimiter


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_a_table_of_one_endless_line_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    content = b"text,more\n" + b"a" * (3 << 20)
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    monkeypatch.setenv("ATTNLAB_MAX_FILE_MIB", "2")
    with pytest.raises(UserError, match="a line has more than 2 MiB"):
        list(read_columns(tmp_path / name, [("data.x", "text")], TableFormat(), key="data.root"))
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(UserError, match="it is a pipe, not a file"):
        list(read_columns(tmp_path / "pipe.csv", [("data.x", "text")], TableFormat(), key="data.root"))
