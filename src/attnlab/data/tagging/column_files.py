"""Files of one word a line in columns, a blank line between sentences: which columns, which words and labels."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from attnlab.data.files.lines import read_raw_lines
from attnlab.data.tagging.column_choice import choose_label_column, choose_word_column
from attnlab.data.tagging.label_schemes import LABEL
from attnlab.errors import UserError

DOCUMENT_START = "-DOCSTART-"
TEXT_COMMENT = re.compile(r"#\s*text\s*=\s?(.*)")


class ColumnSentence(NamedTuple):
    """The words of a sentence, the labels as they are written, the line of each, and its `# text =` if it has one."""

    words: list[str]
    labels: list[str]
    lines: list[int]
    text: str | None


class _Row(NamedTuple):
    line: int
    content: str
    fields: list[str]


class ColumnFile:
    """A file in columns, divided by tabs if most lines have one, by spaces and tabs otherwise.

    Other spaces of Unicode's are part of a word. -DOCSTART- divides sentences as a blank line does: where a line begins
    with it, where one that lacks columns has it, or for a word.

    Raises:
        UserError: the file can't be read, holds no word, or a line with more columns or fewer than the first; `key` is
            what to change.
    """

    def __init__(self, path: Path, *, key: str) -> None:
        self.path, self.key = path, key
        lines = [(number, line) for number, line in enumerate(read_raw_lines(path, key=key), start=1)]
        words = [line for _, line in lines if line.strip() and not line.startswith("#") and DOCUMENT_START not in line]
        if not words:
            raise UserError(f"a file in columns must have a word a line, got none in {path} (set {key})")
        tabs = sum("\t" in line for line in words) * 2 > len(words)
        self.num_columns = len(_fields(words[0], tabs=tabs))
        self._blocks: list[list[_Row]] = [[]]
        for number, line in lines:
            row = _Row(number, line, _fields(line, tabs=tabs))
            if line.strip() and not self._divides(row):
                self._check_columns(row)
                self._blocks[-1].append(row)
            elif self._blocks[-1]:
                self._blocks.append([])

    def _divides(self, row: _Row) -> bool:
        """Whether the line is the start of a document, whichever column the words are in."""
        lacks_columns = len(row.fields) != self.num_columns and not _maybe_comment(row)
        return row.content.startswith(DOCUMENT_START) or (lacks_columns and _starts_document(row))

    def _check_columns(self, row: _Row) -> None:
        if len(row.fields) != self.num_columns and not _maybe_comment(row):
            raise UserError(
                f"a line must have {self.num_columns} columns, as the first of the file has, got {len(row.fields)} at "
                f"line {row.line} of {self.path} (set {self.key})"
            )

    def find_columns(self, word: int | None, label: int | None, *, lettered: bool) -> tuple[int, int]:
        """Where words and labels stand, from 0; those that are None are looked for (see `column_choice`).

        Labels without letters are looked for in the last column alone.

        Raises:
            UserError: no such column, or no choice that stands out.
        """
        rows = [
            [row.fields for row in block if not _maybe_comment(row) and not _starts_document(row)]
            for block in self._blocks
        ]
        word = None if word is None else self._place(word, "word_column")
        if label is not None:
            label = self._place(label, "label_column")
        else:
            others = [column for column in range(self.num_columns) if column != word]
            label = others[-1] if others and not lettered else choose_label_column(rows, others, path=self.path)
        if word is None:
            others = [column for column in range(self.num_columns) if column != label]
            word = choose_word_column(rows, others, path=self.path)
        return word, label

    def sentences(self, word: int, label: int, *, lettered: bool) -> Iterator[ColumnSentence]:
        """What stands in these columns, counted from 0, or from the end where negative.

        A line that begins with # is a comment, unless it has all columns and a label: a word may be "#".

        Raises:
            UserError: no such column, words and labels in the same one, or a line without a word.
        """
        word, label = self._place(word, "word_column"), self._place(label, "label_column")
        if word == label:
            raise UserError(
                f"words and labels must be in different columns, got {word} for both of {self.num_columns} in "
                f"{self.path} (set data.corpus.word_column and data.corpus.label_column)"
            )
        for block in self._blocks:
            sentence = ColumnSentence([], [], [], None)
            for row in block:
                if _maybe_comment(row) and not self._is_word(row, label, lettered=lettered):
                    comment = TEXT_COMMENT.fullmatch(row.content)
                    sentence = sentence._replace(text=comment[1]) if comment else sentence
                    continue
                if row.fields[word] == DOCUMENT_START:
                    if sentence.words:
                        yield sentence
                    sentence = ColumnSentence([], [], [], None)
                    continue
                if not row.fields[word]:
                    raise UserError(
                        f"a line must have a word, got none at line {row.line} of {self.path} (set {self.key})"
                    )
                sentence.words.append(row.fields[word])
                sentence.labels.append(row.fields[label])
                sentence.lines.append(row.line)
            if sentence.words:
                yield sentence

    def _place(self, column: int, key: str) -> int:
        if not -self.num_columns <= column < self.num_columns:
            raise UserError(
                f"{key} must be within the {self.num_columns} columns of {self.path}, got {column} "
                f"(set data.corpus.{key})"
            )
        return column % self.num_columns

    def _is_word(self, row: _Row, label: int, *, lettered: bool) -> bool:
        if len(row.fields) != self.num_columns:
            return False
        return not lettered or LABEL.fullmatch(row.fields[label]) is not None


def _fields(line: str, *, tabs: bool) -> list[str]:
    # Not str.split(): what Unicode calls a space may be a word, or in one.
    return [field.strip(" ") for field in line.split("\t")] if tabs else re.split("[ \t]+", line.strip(" \t"))


def _starts_document(row: _Row) -> bool:
    return any(field.startswith(DOCUMENT_START) for field in row.fields)


def _maybe_comment(row: _Row) -> bool:
    return row.content.startswith("#")
