"""Tables of summaries, CNN / Daily Mail's on rows made up: what is read, and the one line that each mistake gets."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest

from attnlab.data import CnnDailymail, CsvSummaries, Summaries
from attnlab.errors import UserError


def _articles(folder: Path, text: str) -> Path:
    for name in ("train", "validation", "test"):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_articles_keep_their_lines_and_quotes(tmp_path: Path) -> None:
    _articles(tmp_path, 'id,article,highlights\r\n1,"He said ""no"".\nThen left, .","One .\nTwo ."\r\n2,b,c\r\n')
    (tmp_path / "test.csv.gz").write_bytes(gzip.compress((tmp_path / "test.csv").read_bytes()))
    (tmp_path / "test.csv").unlink()
    splits = CnnDailymail().read(root=tmp_path, cache_dir=tmp_path)
    for texts in splits.values():
        assert texts == (['He said "no".\nThen left, .', "b"], [["One .\nTwo ."], ["c"]], ["1", "2"])


def test_an_article_may_be_longer_than_the_library_thinks(tmp_path: Path) -> None:
    _articles(tmp_path, f"id,article,highlights\n1,{'word ' * 40_000},b\n")
    assert len(CnnDailymail().read(root=tmp_path, cache_dir=tmp_path)["val"].documents[0]) == 200_000


@pytest.mark.parametrize(
    "text, message",
    [
        (
            "id,text,highlights\n1,a,b\n",
            "a table must have the column 'article', got id, text, highlights in {file} "
            "(set data.root, or data=csv for other columns)",
        ),
        (
            "id,article,highlights\n1,a,b\n2,c\n",
            "a row must have 3 values as the header has, got 2 at line 3 of {file} (correct line 3, or set data.root)",
        ),
        (
            "id,article,highlights\n1,The library, which is old, opens late.,Library opens\n",
            'a row must have 3 values as the header has, got 5 at line 2 of {file} (write "..." round a '
            "value with ',' in it: '1', 'The library', ' which is old', ' opens late.' are read as values there; or "
            "set data.root)",
        ),
        (
            "id,article,article,highlights\n1,a,b,c\n",
            "a column must stand once in a header, got 'article' more than once in {file} "
            "(set data.root, or data=csv for other columns)",
        ),
        ("id,article,highlights\n", "a table must have a row below its header, got none in {file} (set data.root)"),
    ],
)
def test_a_table_that_would_be_read_wrong_is_named(tmp_path: Path, text: str, message: str) -> None:
    _articles(tmp_path, text)
    with pytest.raises(UserError, match=f"^{re.escape(message.format(file=tmp_path / 'train.csv'))}$"):
        CnnDailymail().read(root=tmp_path, cache_dir=tmp_path)


def test_a_table_without_names_or_with_strange_letters_is_read(tmp_path: Path) -> None:
    _articles(tmp_path, "article,highlights\na\u2028\x85\0,b\n")
    assert CnnDailymail().read(root=tmp_path, cache_dir=tmp_path)["test"] == (["a\u2028\x85\0"], [["b"]], [None])


def test_missing_or_broken_tables_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"with train.csv, validation.csv, test.csv, got none \(set data.root=FOLDER\)"):
        CnnDailymail().read(root=None, cache_dir=tmp_path)
    message = r"a text file must exist, got .*train.csv, which doesn't, nor is there a .gz of it \(set data.root\)"
    with pytest.raises(UserError, match=message):
        CnnDailymail().read(root=tmp_path, cache_dir=tmp_path)
    (tmp_path / "train.csv.gz").write_bytes(b"no gzip")
    with pytest.raises(UserError, match=r"a .gz file must be whole, got .*train.csv.gz with: "):
        CnnDailymail().read(root=tmp_path, cache_dir=tmp_path)
    (tmp_path / "train.csv").write_bytes(b"id,article,highlights\n1,\xff,b\n")
    with pytest.raises(
        UserError, match=r"must be UTF-8, got byte 0xff at line 2, byte 3 of .*train.csv \(set data.root"
    ):
        CnnDailymail().read(root=tmp_path, cache_dir=tmp_path)


# The user's own


def _own(folder: Path, text: str, **arguments: Any) -> dict[str, Summaries]:
    files = {split: f"{split}.csv" for split in ("train", "val", "test")}
    for name in files.values():
        (folder / name).write_text(text, encoding="utf-8")
    return CsvSummaries(**files, **arguments).read(root=folder, cache_dir=folder)


def test_columns_of_any_name_or_place(tmp_path: Path) -> None:
    named = _own(tmp_path, "key\tbody\ttitle\nk\ta b\tc\n", document="body", summary="title", id="key")
    assert named["train"] == (["a b"], [["c"]], ["k"])
    assert _own(tmp_path, 'c,"a, b"\n', document=1, summary=0)["test"] == (["a, b"], [["c"]], [None])
    with pytest.raises(UserError, match=r"the column 'summary', got document, sumary in .* \(did you mean sumary\?\)"):
        _own(tmp_path, "document,sumary\na,b\n")
    with pytest.raises(ValueError, match=r"^document and summary must be different columns, got 'a' for both \(set "):
        _own(tmp_path, "a\n", document="a", summary="a")
