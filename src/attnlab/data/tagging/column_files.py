"""Files of one word a line in columns, a blank line between sentences: which columns, which words and labels."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from attnlab.data.clusters import DOCUMENT_START, Clusters, in_lines, marks
from attnlab.data.files.lines import read_raw_lines
from attnlab.data.tagging.column_choice import choose_label_column, choose_word_column, warn_of_word_column
from attnlab.data.tagging.column_lines import (
    CONLLU_WORDS,
    ONTONOTES_WORDS,
    SENTENCE_HEAD,
    SEPARATOR_LINE,
    WORD_HEADS,
    Row,
    is_header,
    layout_of,
    log_header,
    maybe_comment,
    odd_gap,
    starts_document,
    with_names_of_misc,
    without_ranges,
)
from attnlab.data.tagging.labelled_sentences import LabelledSentence
from attnlab.data.tagging.written_labels import is_bracketed, is_label, is_small_label
from attnlab.errors import UserError

TEXT_COMMENT = re.compile(r"#\s*text\s*=\s?(.*)")


class ColumnFile:
    """A file in columns, divided by tabs if most lines have one, by commas, semicolons or bars if only they divide all
    lines alike (a field may be quoted then), by spaces and tabs otherwise.

    Other spaces of Unicode's are part of a word, but a word of nothing else is passed over and counted. -DOCSTART-
    divides sentences as a blank line does: where a line begins with it, where one that lacks columns has it, or for a
    word; and so does a change in a column headed "Sentence" or sent_id. A header is passed over wherever it stands, as
    are CoNLL-U's ranges of words and empty nodes. CoNLL-U's last column may have the label as NER=B-PER. Of OntoNotes'
    columns, the first eleven are read.

    Args:
        encoding: as for `read_raw_lines`.

    Attributes:
        num_white_space: words that were passed over, of the sentences read.

    Raises:
        UserError: the file can't be read, holds no word, or a line with more columns or fewer than the first; `key` is
            what to change.
    """

    counted = "line"
    _known_words: int | None  # the column of words, where the layout or a header says it

    def __init__(self, path: Path, *, key: str, encoding: str | None = None) -> None:
        self.path, self.key = path, key
        self.num_white_space = 0
        raw = read_raw_lines(path, key=key, encoding=encoding)
        self._marks = marks(raw)
        words = [line for line in raw if line.strip() and not line.startswith("#") and DOCUMENT_START not in line]
        words = words[1:] if words and SEPARATOR_LINE.fullmatch(words[0].strip()) else words
        if not words:
            raise UserError(f"a file in columns must have a word a line, got none in {path} (set {key})")
        self._layout = layout_of(raw, words)
        self.num_columns = len(self._layout.fields(words[0]))
        if self.num_columns == 1 and (gap := odd_gap(words)) is not None:
            number = raw.index(words[0]) + 1
            raise UserError(
                f"columns must be divided by spaces or tabs, got {gap} in line {number} of {path}, {words[0]!r} "
                f"(replace them, or set {key})"
            )
        self._known_words = ONTONOTES_WORDS if self._layout.ontonotes else None
        self._blocks = without_ranges(self._read(raw))
        if not any(self._blocks):
            raise UserError(f"a file in columns must have a word a line, got a header alone in {path} (set {key})")
        if (named := with_names_of_misc(self._blocks, path)) is not self._blocks:
            self._blocks, self._known_words = named, CONLLU_WORDS

    def _read(self, raw: list[str]) -> list[list[Row]]:
        """The rows of each sentence."""
        blocks: list[list[Row]] = [[]]
        first, numbered, number = True, -1, ""  # the column that numbers sentences, and the last number
        header: list[str] = []
        for line, content in enumerate(raw, start=1):
            row = Row(line, content, self._layout.fields(content))
            if (header and row.fields == header) or (line == 1 and SEPARATOR_LINE.fullmatch(content.strip())):
                continue  # a header again where files were joined, or what a spreadsheet says to itself
            if self._layout.is_blank(content) or self._divides(row):
                if blocks[-1]:
                    blocks.append([])
                continue
            if first and not maybe_comment(row):
                first = False
                if is_header(row.fields):
                    log_header(row, self.path)
                    header = row.fields
                    self._known_words = next(n for n, f in enumerate(row.fields) if f.lower() in WORD_HEADS)
                    numbered = next((n for n, f in enumerate(row.fields) if SENTENCE_HEAD.fullmatch(f.lower())), -1)
                    continue
            if self._lacks_its_word(row):
                self.num_white_space += 1
                continue
            self._check_columns(row)
            if numbered >= 0 and row.fields[numbered] not in ("", number):
                number = row.fields[numbered]
                blocks += [[]] if blocks[-1] else []
            blocks[-1].append(row)
        return blocks

    def _lacks_its_word(self, row: Row) -> bool:
        """Whether the word is a space that can't be told from what divides columns."""
        spaced = self._layout.separator is None and row.content[:1] in (" ", "\t")
        return spaced and len(row.fields) == self.num_columns - 1 and is_label(row.fields[-1])

    def _divides(self, row: Row) -> bool:
        """Whether the line is the start of a document, whichever column the words are in."""
        lacks_columns = len(row.fields) != self.num_columns and not maybe_comment(row)
        return row.content.startswith(DOCUMENT_START) or (lacks_columns and starts_document(row))

    def _check_columns(self, row: Row) -> None:
        if len(row.fields) != self.num_columns and not maybe_comment(row):
            gap = odd_gap([row.content])
            if gap is None and len(row.content.split()) == self.num_columns:
                gap = "another kind of divider than in most lines"
            with_gap = "" if gap is None else f", which has {gap}"
            raise UserError(
                f"a line must have {self.num_columns} columns, as the first of the file has, got {len(row.fields)} at "
                f"line {row.line} of {self.path}{with_gap} (correct it, or set {self.key})"
            )

    def find_columns(self, word: int | None, label: int | None, *, lettered: bool) -> tuple[int, int]:
        """Where words and labels stand, from 0; those that are None are looked for (see `column_choice`).

        Labels without letters are looked for in the last column alone.

        Raises:
            UserError: no such column, or no choice that stands out.
        """
        rows = [
            [row.fields for row in block if not maybe_comment(row) and not starts_document(row)]
            for block in self._blocks
        ]
        if label is None and self._layout.ontonotes:
            label = -1
        if word is None and self._known_words not in (None, label):
            word = self._known_words
        chosen = word is not None and word != self._known_words
        word = None if word is None else self._place(word, "word_column")
        if label is not None:
            label = self._place(label, "label_column")
        else:
            others = [column for column in range(self.num_columns) if column != word]
            label = others[-1] if others and not lettered else choose_label_column(rows, others, path=self.path)
        others = [column for column in range(self.num_columns) if column != label]
        if word is None:
            word = choose_word_column(rows, others, path=self.path)
        elif chosen and word != label:
            warn_of_word_column(rows, word, others, path=self.path)
        return word, label

    def sentences(self, word: int, label: int, *, lettered: bool) -> Iterator[LabelledSentence]:
        """What stands in these columns, counted from 0, or from the end where negative.

        A line that begins with # is a comment, unless it has all columns and a label: a word may be "#".

        Raises:
            UserError: no such column, or words and labels in the same one.
        """
        word, label = self._place(word, "word_column"), self._place(label, "label_column")
        if word == label:
            raise UserError(
                f"words and labels must be in different columns, got {word} for both of {self.num_columns} in "
                f"{self.path} (set data.corpus.word_column and data.corpus.label_column)"
            )
        for block in self._blocks:
            sentence = LabelledSentence([], [], [], None)
            for row in block:
                if maybe_comment(row) and not self._is_word(row, label, lettered=lettered):
                    comment = TEXT_COMMENT.fullmatch(row.content)
                    sentence = sentence._replace(text=comment[1]) if comment else sentence
                    continue
                if row.fields[word] == DOCUMENT_START:
                    if sentence.words:
                        yield sentence
                    sentence = LabelledSentence([], [], [], None)
                    continue
                if not row.fields[word].strip():
                    self.num_white_space += 1
                    continue
                sentence.words.append(row.fields[word])
                sentence.labels.append(row.fields[label])
                sentence.lines.append(row.line)
            if sentence.words:
                yield sentence

    def clusters(self, sentences: Sequence[LabelledSentence]) -> Clusters | None:
        """What these sentences of the file stand in, if it says so."""
        return in_lines(self._marks, [each.lines[0] for each in sentences])

    def _place(self, column: int, key: str) -> int:
        if not -self.num_columns <= column < self.num_columns:
            raise UserError(
                f"{key} must be within the {self.num_columns} columns of {self.path}, got {column} "
                f"(set data.corpus.{key})"
            )
        return column % self.num_columns

    def _is_word(self, row: Row, label: int, *, lettered: bool) -> bool:
        if len(row.fields) != self.num_columns:
            return False
        value = row.fields[label]
        return not lettered or is_label(value) or is_small_label(value) or is_bracketed(value)
