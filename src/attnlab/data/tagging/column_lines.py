"""The lines of files in columns: what divides columns, which lines hold a word, where sentences end."""

import csv
import logging
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from unicodedata import category, name

from attnlab.data.clusters import DOCUMENT_START
from attnlab.data.tagging.written_labels import is_label, is_small_label
from attnlab.reading.shown import without_controls

log = logging.getLogger(__name__)

MOST = 0.9  # of lines, for what divides them to be what divides the columns
# What heads a column of words, and one of labels: a line that has both is no word's.
WORD_HEADS = frozenset({"form", "text", "token", "tokens", "word", "words"})
LABEL_HEADS = frozenset({"bio", "entity", "iob", "label", "labels", "ne", "ner", "ner_tag", "ner_tags", "tag", "tags"})
SENTENCE_HEAD = re.compile(r"sentence.*|sent(?:[ _.-]?(?:id|no|num|number|idx|index|#))?|sid")
SEPARATOR_LINE = re.compile(r"sep=.", re.IGNORECASE)
ONTONOTES = re.compile(r"#begin document\b")
ONTONOTES_WORDS, ONTONOTES_COLUMNS = 3, 11  # up to that of names; behind it there are as many as a sentence has verbs
CONLLU_COLUMNS, CONLLU_WORDS = 10, 1
NUMBERED = re.compile(r"\d+(?:[-.]\d+)?")  # CoNLL-U's: 1-2 is a range of words, 1.1 a word that isn't in the text
MISC = re.compile(r"_|[^|=\s]+=[^|\s]*(?:\|[^|=\s]+(?:=[^|\s]*)?)*")
NAME_IN_MISC = re.compile(r"(?:^|\|)(?:NER?=([^|]+)|name=(O|[BIELSUMW]-[^|]+))(?=\||$)", re.IGNORECASE)


class Row(NamedTuple):
    """A line of a file, from 1, and its columns."""

    line: int
    content: str
    fields: list[str]


class Layout(NamedTuple):
    """What divides the columns of a file: a tab, a comma, a semicolon, a bar, or None for spaces and tabs."""

    separator: str | None
    ontonotes: bool = False

    def fields(self, line: str) -> list[str]:
        """The columns of a line."""
        if self.separator is None:
            # Not str.split(): what Unicode calls a space may be a word, or in one.
            found = re.split("[ \t]+", line.strip(" \t"))
        elif self.separator == "\t":
            found = [field.strip(" ") for field in line.split("\t")]
        else:
            found = [field.strip(" ") for field in next(csv.reader([line], delimiter=self.separator), [""])]
        return found[:ONTONOTES_COLUMNS] if self.ontonotes else found

    def is_blank(self, line: str) -> bool:
        """Whether the line ends a sentence: nothing stands in it but what divides columns."""
        return not line.strip().strip(self.separator or "")


def layout_of(lines: Sequence[str], words: Sequence[str]) -> Layout:
    """What divides the columns of a file's lines, of which `words` have a word each."""
    if sum("\t" in line for line in words) * 2 > len(words):
        return Layout("\t")
    ontonotes = any(ONTONOTES.match(line) for line in lines)
    spaced = sum(len(line.split()) > 1 for line in words) * 2 >= len(words)
    for separator in (",", ";", "|"):
        fields = [Layout(separator).fields(line) for line in words]
        (num, count), *_ = Counter(map(len, fields)).most_common(1)
        labelled = sum(is_label(each[-1]) or is_small_label(each[-1]) for each in fields) * 2 > len(words)
        if num > 1 and count >= MOST * len(words) and (labelled or not spaced):
            return Layout(separator)
    return Layout(None, ontonotes=ontonotes)


def odd_gap(words: Sequence[str]) -> str | None:
    """What stands in most of these lines that looks like a space, or like nothing, and divides no columns."""
    holding = Counter(
        each for line in words for each in {*line} if each not in " \t" and (each.isspace() or category(each) == "Cf")
    )
    found, count = next(iter(holding.most_common(1)), ("", 0))
    return f"{name(found, 'control').lower()}s (U+{ord(found):04X})" if count >= MOST * len(words) else None


def is_header(fields: Sequence[str]) -> bool:
    """Whether these are the names of columns."""
    names = {field.lower() for field in fields}
    return bool(names & WORD_HEADS) and bool(names & LABEL_HEADS)


def without_ranges(blocks: list[list[Row]]) -> list[list[Row]]:
    """Blocks of CoNLL-U's lines without those of several words or of none, which others repeat."""
    rows = [row for block in blocks for row in block if not maybe_comment(row)]
    if not rows or len(rows[0].fields) < 3 or not all(NUMBERED.fullmatch(row.fields[0]) for row in rows):
        return blocks
    return [[row for row in block if maybe_comment(row) or row.fields[0].isdigit()] for block in blocks]


def with_names_of_misc(blocks: list[list[Row]], path: Path) -> list[list[Row]]:
    """Blocks of CoNLL-U's lines with the label alone in the last column, which holds it as NER=B-PER; O without.

    Also as NE=B-PER or name=B-PER. That no word has one is logged as a warning.
    """
    rows = [row for block in blocks for row in block if not maybe_comment(row)]
    if not rows or not all(row.fields[0].isdigit() for row in rows):
        return blocks
    if any(len(row.fields) != CONLLU_COLUMNS or not MISC.fullmatch(row.fields[-1]) for row in rows):
        return blocks
    if not any(NAME_IN_MISC.search(row.fields[-1]) for row in rows):
        log.warning("no word of %s has NER= in its last column, MISC: all are read as O", path)
    return [[row if maybe_comment(row) else _with_name(row) for row in block] for block in blocks]


def _with_name(row: Row) -> Row:
    found = NAME_IN_MISC.search(row.fields[-1])
    return row._replace(fields=[*row.fields[:-1], found[1] or found[2] if found else "O"])


def log_header(row: Row, path: Path) -> None:
    """Say that a line isn't read."""
    log.info("the columns of %s have a header: %s", path, without_controls(" ".join(row.fields)))


def starts_document(row: Row) -> bool:
    """Whether a field says that a document begins."""
    return any(field.startswith(DOCUMENT_START) for field in row.fields)


def maybe_comment(row: Row) -> bool:
    """Whether the line begins as comments do; a word may, too."""
    return row.content.startswith("#")
