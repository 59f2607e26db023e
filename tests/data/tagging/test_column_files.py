"""Files in columns: where a sentence ends, what is a comment, and the one line that each mistake gets."""

import re
from pathlib import Path

import pytest

from attnlab.data.tagging.column_files import ColumnFile
from attnlab.errors import UserError


def _file(folder: Path, content: str) -> ColumnFile:
    (folder / "text").write_text(content, encoding="utf-8")
    return ColumnFile(folder / "text", key="key")


@pytest.mark.parametrize("gap", ["\t", " ", " \t ", "   "])
def test_sentences_end_at_blank_lines_and_document_starts(tmp_path: Path, gap: str) -> None:
    lines = ["-DOCSTART- -X- O", "", "Ann B-PER", "saw O", "", " ", "Bo B-PER", "-DOCSTART- O", "it O"]
    file = _file(tmp_path, "\n".join(line.replace(" ", gap) for line in lines))
    found = list(file.sentences(0, 1, lettered=True))
    assert [each.words for each in found] == [["Ann", "saw"], ["Bo"], ["it"]]
    assert [each.labels for each in found] == [["B-PER", "O"], ["B-PER"], ["O"]]
    assert [each.lines for each in found] == [[3, 4], [7], [9]]
    assert file.num_columns == 2


def test_a_comment_is_what_begins_with_its_sign_and_has_no_label(tmp_path: Path) -> None:
    file = _file(tmp_path, "# text = # 1\n# sent 2\n#\tO\n1\tO\n\n# 2\n1\tO\n")
    one, other = file.sentences(0, 1, lettered=True)
    assert (one.words, one.text) == (["#", "1"], "# 1")
    assert (other.words, other.text) == (["1"], None)


def test_other_spaces_of_unicode_are_part_of_a_word(tmp_path: Path) -> None:
    file = _file(tmp_path, "a\u3000b O\n\u00a0 O\n")
    (found,) = file.sentences(0, -1, lettered=True)
    assert (found.words, file.num_white_space) == (["a\u3000b"], 1)


def test_columns_are_counted_from_the_end_where_negative(tmp_path: Path) -> None:
    file = _file(tmp_path, "1 Ann X B-PER\n2 saw Y O\n")
    (found,) = file.sentences(-3, -1, lettered=True)
    assert (found.words, found.labels) == (["Ann", "saw"], ["B-PER", "O"])
    assert file.find_columns(1, -1, lettered=True) == (1, 3)
    assert file.find_columns(1, None, lettered=False) == (1, 3)  # labels without letters stand in the last


@pytest.mark.parametrize(
    "content, message",
    [
        (
            "# none\n\n-DOCSTART- O\n",
            "a file in columns must have a word a line, got none in {path} (set key)",
        ),
        (
            "Ann B-PER\nsaw it O\n",
            "a line must have 2 columns, as the first of the file has, got 3 at line 2 of {path} "
            "(correct it, or set key)",
        ),
        (
            "# a\n\nAnn\u00a0B-PER\nsaw\u00a0O\n",
            "columns must be divided by spaces or tabs, got no-break spaces (U+00A0) in line 3 of {path}, "
            "'Ann\\xa0B-PER' (replace them, or set key)",
        ),
        (
            "王\u3000B-PER\n",
            "columns must be divided by spaces or tabs, got ideographic spaces (U+3000) in line 1 of {path}, "
            "'王\\u3000B-PER' (replace them, or set key)",
        ),
        (
            "Ann B-PER\nsaw\u200bO\n",
            "a line must have 2 columns, as the first of the file has, got 1 at line 2 of {path}, which has zero width "
            "spaces (U+200B) (correct it, or set key)",
        ),
        (
            "Ann\tB-PER\nsaw O\nit\tO\n",
            "a line must have 2 columns, as the first of the file has, got 1 at line 2 of {path}, which has another "
            "kind of divider than in most lines (correct it, or set key)",
        ),
    ],
)
def test_a_mistake_is_one_line_with_its_place(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(UserError, match=f"^{re.escape(message.format(path=tmp_path / 'text'))}$"):
        list(_file(tmp_path, content).sentences(0, 1, lettered=True))


@pytest.mark.parametrize(
    "word, label, message",
    [
        (2, 1, "word_column must be within the 2 columns of {path}, got 2 (set data.corpus.word_column)"),
        (0, -3, "label_column must be within the 2 columns of {path}, got -3 (set data.corpus.label_column)"),
        (
            1,
            -1,
            "words and labels must be in different columns, got 1 for both of 2 in {path} "
            "(set data.corpus.word_column and data.corpus.label_column)",
        ),
    ],
)
def test_columns_that_cannot_be_are_refused(tmp_path: Path, word: int, label: int, message: str) -> None:
    file = _file(tmp_path, "Ann B-PER\n")
    with pytest.raises(UserError, match=f"^{re.escape(message.format(path=tmp_path / 'text'))}$"):
        list(file.sentences(word, label, lettered=True))


@pytest.mark.parametrize("head", ["sent", "sent_id", "SID", "sentence_id", "Sentence #"])
def test_a_column_that_numbers_sentences_divides_them(tmp_path: Path, head: str) -> None:
    file = _file(tmp_path, f"sep=;\n{head};word;label\n1;Ann;B-PER\n1;saw;O\n{head};word;label\n2;Bo;B-PER\n")
    assert [each.words for each in file.sentences(1, 2, lettered=True)] == [["Ann", "saw"], ["Bo"]]


def test_bars_divide_columns(tmp_path: Path) -> None:
    (found,) = _file(tmp_path, "Ann|B-PER\nsaw|O\n").sentences(0, 1, lettered=True)
    assert (found.words, found.labels) == (["Ann", "saw"], ["B-PER", "O"])


def test_a_header_alone_is_no_word(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^a file in columns must have a word a line, got a header alone in \S+ \(set"):
        _file(tmp_path, "word label\n")
