"""Files whose lines aren't texts: words in columns, of which predict reads the words; records; tables."""

import re
from collections.abc import Sequence
from typing import Literal

from attnlab.errors import UserError
from attnlab.files import RECORD_ENDINGS

Offsets = Sequence[tuple[int, int]]
"""Where words stand in a text: code points, end exclusive."""

Kind = Literal["columns", "records", "table"]
MEANINGS: dict[Kind, str] = {"columns": "words in columns", "records": "JSON", "table": "rows of a table"}

COLUMN_ENDINGS = (
    ".bilou", ".bio", ".bioes", ".bmes", ".conll", ".conllu", ".conllx", ".iob", ".iob1", ".iob2", ".iobes", ".ner",
)  # fmt: skip
TABLE_ENDINGS = {".csv": ",", ".tsv": "\t"}
PACKED_ENDINGS = (".gz", ".bz2", ".xz", ".lzma")

_LABEL = re.compile(r"O|[BIELMSUW]-\S+", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[-.]\d+)?")
_RANGE = re.compile(r"\d+[-.]\d+")  # CoNLL-U's: the words that follow as they were written together, or one left out
_DOCUMENT = "-DOCSTART-"
MOST = 0.9  # of a column's values, for it to be taken for what they are


def kind_of(name: str, lines: Sequence[str], *, of_words: bool) -> Kind | None:
    """What a file holds, or None for a text a line.

    Columns without the ending of such are known by one of labels, and only where a run is `of_words`.
    """
    plain = plain_name(name)
    if plain.endswith(RECORD_ENDINGS):
        return "records"
    if plain.endswith(COLUMN_ENDINGS) or (of_words and _labelled(lines)):
        return "columns"
    divider = next((sign for ending, sign in TABLE_ENDINGS.items() if plain.endswith(ending)), None)
    return "table" if divider is not None and any(divider in line for line in lines) else None


def plain_name(name: str) -> str:
    """In small letters, without the ending that says how the file is packed."""
    plain = name.lower()
    for ending in PACKED_ENDINGS:
        plain = plain.removesuffix(ending)
    return plain


def _labelled(lines: Sequence[str]) -> bool:
    """Whether there is a column of labels beside another; of one that is all O only by a second sign, short lines."""
    rows = [_fields(line) for line in lines if line.strip() and not line.startswith("#") and _DOCUMENT not in line]
    rows = rows[:1000]
    if not rows or sum(len(row) > 1 for row in rows) < MOST * len(rows):
        return False
    for column in (1, 2, 3, -1):
        values = [row[column] for row in rows if len(row) > abs(column)]
        if len(values) >= MOST * len(rows) and sum(map(_is_label, values)) >= MOST * len(rows):
            return any("-" in value for value in values) or len({len(row) for row in rows}) == 1
    return False


def _is_label(value: str) -> bool:
    return _LABEL.fullmatch(value) is not None


def sentences(lines: Sequence[str], name: str, *, word_column: int | None = None) -> list[list[str]]:
    """The words of each sentence: those of `word_column`, or of the first that isn't numbers.

    Lines divide by tabs where most have one, else by white space. A blank line ends a sentence, and so does
    -DOCSTART-; `# ...` lines are comments where they lack columns.

    Raises:
        UserError: there is no word.
    """
    rows, column, width = _columns(lines)
    if word_column is not None and -width <= word_column < width:
        column = word_column % width
    found: list[list[str]] = [[]]
    for line, row in zip(lines, rows, strict=True):
        if not line.strip() or line.startswith(_DOCUMENT):
            found.append([])
            continue
        comment = line.startswith("#") and not _is_word(row, width=width, column=column)
        if not comment and len(row) > column and row[column] and not (column and _RANGE.fullmatch(row[0])):
            found[-1].append(row[column])
    found = [each for each in found if each]
    if not found:
        raise UserError(f"a file in columns must have a word a line, got none in {name}")
    return found


def _columns(lines: Sequence[str]) -> tuple[list[list[str]], int, int]:
    """The fields of each line, in which of them the words are, and how many there are in most lines."""
    words = [line for line in lines if line.strip() and not line.startswith("#")]
    tabs = sum("\t" in line for line in words) * 2 > len(words)
    widths = [len(_fields(line, tabs=tabs)) for line in words]
    width = max(set(widths), key=widths.count, default=1)
    numbers = sum(_NUMBER.fullmatch(_fields(line, tabs=tabs)[0]) is not None for line in words)
    column = 1 if width > 1 and numbers >= MOST * len(words) else 0
    return [_fields(line, tabs=tabs) for line in lines], column, width


def _is_word(row: Sequence[str], *, width: int, column: int) -> bool:
    """Whether a line that begins with # is a word all the same."""
    return len(row) == width and not column and (row[0] != "#" or width == 1 or _is_label(row[-1]))


def _fields(line: str, *, tabs: bool | None = None) -> list[str]:
    # Not str.split(): what Unicode calls a space may be a word, or in one.
    if "\t" in line if tabs is None else tabs:
        return [field.strip(" ") for field in line.split("\t")]
    return re.split("[ \t]+", line.strip(" \t"))


def joined(words: Sequence[str]) -> tuple[str, Offsets]:
    """A text of these words with spaces between them, and where they stand in it."""
    offsets, start = [], 0
    for word in words:
        offsets.append((start, start + len(word)))
        start += len(word) + 1
    return " ".join(words), offsets
