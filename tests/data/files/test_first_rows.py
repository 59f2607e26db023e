"""A header that is read as texts is said, and no first row of texts is taken for one."""

from pathlib import Path

import pytest

from attnlab.data.files.first_rows import warn_of_header
from attnlab.data.files.tables import Chosen
from attnlab.data.summarization.corpora import DebianSynopsis
from attnlab.data.translation.corpora import BibleEnEs
from attnlab.reporting.messages.chinese import said_in_chinese

COLUMNS: list[Chosen] = [("data.corpus.source_column", 0), ("data.corpus.target_column", 1)]
ROWS = [(f"The {word} is here.", f"Aquí está {word}, sí.") for word in "abcdefghijk"]


def _said(caplog: pytest.LogCaptureFixture, *rows: tuple[str, str], columns: list[Chosen] = COLUMNS) -> bool:
    caplog.clear()
    warn_of_header(columns, list(zip(*rows, strict=True)), Path("t.tsv"))
    return bool(caplog.messages)


@pytest.mark.parametrize("head", [("english_text", "Spanisch"), ("Source text", "the text"), ("原文", "译文")])
def test_a_first_row_unlike_all_others_is_said(caplog: pytest.LogCaptureFixture, head: tuple[str, str]) -> None:
    assert _said(caplog, head, *ROWS)
    [said] = caplog.messages
    assert f"of t.tsv looks like a header, {head[0]!r}, {head[1]!r}, and is read as texts" in said
    assert (said_in_chinese(said) or "").startswith("t.tsv 的第一行像是表头")
    assert not _said(caplog, head, *ROWS, columns=[(key, "a") for key, _ in COLUMNS])  # there is a header then


@pytest.mark.parametrize(
    "rows",
    [
        [("Go.", "Ve."), *ROWS],  # it ends as sentences do
        [("The here", "Aquí"), *ROWS],  # its words are the others'
        [("house", "casa"), ("tree", "arbol"), ("book", "libro"), *ROWS],  # it isn't alone
        [("house", "casa"), *ROWS[:7]],  # too few to tell
        [("hello", "Aquí está, dijo, la casa de todos"), *ROWS],
    ],
)
def test_first_rows_of_texts_are_no_header(caplog: pytest.LogCaptureFixture, rows: list[tuple[str, str]]) -> None:
    assert not _said(caplog, *rows)


def test_no_bundled_texts_begin_with_a_header(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for pairs in BibleEnEs().read("en", "es", root=None, cache_dir=tmp_path).values():
        assert not _said(caplog, *zip(pairs.source, pairs.target, strict=True))
    for texts in DebianSynopsis().read(root=None, cache_dir=tmp_path).values():
        assert not _said(
            caplog, *((one, other[0]) for one, other in zip(texts.documents, texts.references, strict=True))
        )
