"""CNN / Daily Mail, on rows made up: what is read, and the one line that each mistake gets."""

import gzip
import re
from pathlib import Path

import pytest

from attnlab.data import CnnDailymail
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
        ("id,text,highlights\n1,a,b\n", "got id, text, highlights at line 2 of {file} (set data.root)"),
        (
            "id,article,highlights\n1,a,b\n2,c\n",
            "each row must have an article and highlights, got a row without a value for highlights at line 3 of "
            "{file} (set data.root)",
        ),
        ("id,article,highlights\n1\n", "got a row without a value for article at line 2 of {file} (set data.root)"),
        ("id,article,highlights\n1,\0,b\n", ""),
    ],
)
def test_a_table_without_its_columns_is_named(tmp_path: Path, text: str, message: str) -> None:
    _articles(tmp_path, text)
    if not message:  # what the library makes of it depends on its version; a traceback it mustn't be
        CnnDailymail().read(root=tmp_path, cache_dir=tmp_path)
        return
    with pytest.raises(UserError, match=re.escape(message.format(file=tmp_path / "train.csv"))):
        CnnDailymail().read(root=tmp_path, cache_dir=tmp_path)


def test_missing_or_broken_tables_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"with train.csv, validation.csv, test.csv, got none \(set data.root=FOLDER\)"):
        CnnDailymail().read(root=None, cache_dir=tmp_path)
    with pytest.raises(UserError, match=r"must exist, got neither .*train.csv nor .*train.csv.gz \(set data.root\)"):
        CnnDailymail().read(root=tmp_path, cache_dir=tmp_path)
    (tmp_path / "train.csv.gz").write_bytes(b"no gzip")
    with pytest.raises(UserError, match=r"must be readable CSV in UTF-8, got .*train.csv.gz, after line 0: "):
        CnnDailymail().read(root=tmp_path, cache_dir=tmp_path)
    (tmp_path / "train.csv").write_bytes(b"id,article,highlights\n1,\xff,b\n")
    with pytest.raises(UserError, match=r"must be readable CSV in UTF-8, got .*train.csv, after line 0: .*0xff"):
        CnnDailymail().read(root=tmp_path, cache_dir=tmp_path)
