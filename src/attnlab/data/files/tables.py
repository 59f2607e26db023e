"""Tables of texts, CSV or TSV, row by row; whatever is wrong with one is a single line that names file and line."""

import csv
import gzip
import io
import logging
import re
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, runtime_checkable

from attnlab.data.files.encodings import DEFAULT, MARK, check_mark
from attnlab.data.files.lines import GZIP, check_kind, file_trouble, found_file, read_raw_lines, read_text
from attnlab.errors import UserError, closest
from attnlab.reading.bounds import bounded_lines, open_file

log = logging.getLogger(__name__)

LONGEST_VALUE = 1 << 24  # characters; the library's own limit, 128 Ki, is below the longest articles
START = 1 << 16  # bytes of a file that tell its kind and how it is divided
QUOTED = re.compile(r'"(?:[^"]|"")*""(?:[^"]|"")*"')  # with a quote in it, doubled: nobody writes so by hand
IN_QUOTES = re.compile(r'"(?:[^"]|"")*"')  # as each value is that has to be, where one is of those
QUOTED_FIELD = re.compile(r'(?:(?<=,)|^)"(?:[^"]|"")*"(?=,|$)')  # of CSV: a tab in it divides nothing
MOST = 0.9  # of a column's values, for it to be taken for what they are
NUMBER = re.compile(r"[\d\W_]*\d[\d\W_]*")
SENTENCE = re.compile(r"[.!?\u2026\u3002\uff01\uff1f][\"'\u201d\u00bb]?$")
MOST_WORDS = 4  # of a column's name
OTHER = (";", "|", ",", "\t", ":")  # by which programs divide values
TAB = "\\t"  # as a command line has it

Column = str | int
"""By its name in a header, or from 0 on, from the end where negative."""
Chosen = tuple[str, Column]
"""A column, after the key that it is the value of."""
Row = tuple[int, list[str]]
"""The line that a row begins in, and its values."""


@dataclass(frozen=True, kw_only=True)
class TableFormat:
    """How tables are written.

    Args:
        delimiter: between values (None: a tab where the first line has one, a comma elsewhere).
        quoted: whether "..." holds a value with delimiters and line ends, and "" is a quote in it (None: unless the
            delimiter is a tab; Tatoeba's quotes are the sentences' own).
        encoding: as the user named it in data.corpus.encoding.

    Raises:
        ValueError: a delimiter that isn't one character, or can't be one.
    """

    delimiter: str | None = None
    quoted: bool | None = None
    encoding: str | None = None

    def __post_init__(self) -> None:
        taken = self.delimiter
        if taken is not None and taken != TAB and (not isinstance(taken, str) or len(taken) != 1 or taken in '"\r\n '):
            raise ValueError(
                f"delimiter must be one character between values, or null, got {taken!r} (set data.corpus.delimiter)"
            )

    def delimiter_of(self, first_line: str) -> str:
        """What divides the values of a table that begins with this line."""
        if self.delimiter is None:
            bare = QUOTED_FIELD.sub("", first_line.rstrip("\r\n"))
            return "\t" if "\t" in bare or ("\t" in first_line and "," not in bare) else ","
        return "\t" if self.delimiter == TAB else self.delimiter

    def has_quotes(self, delimiter: str) -> bool:
        """Whether "..." holds a value where this divides them."""
        return delimiter != "\t" if self.quoted is None else self.quoted


@runtime_checkable
class ChoosesColumns(Protocol):
    """A corpus of tables, which knows the columns that it reads."""

    columns: list[Chosen]


def keys_of(corpus: object) -> list[str]:
    """What says which columns are read, the sources' first; empty for what isn't made of tables."""
    return [key for key, _ in corpus.columns] if isinstance(corpus, ChoosesColumns) else []


def read_columns(
    path: Path, columns: Sequence[Chosen], form: TableFormat, *, key: str
) -> Iterator[tuple[str, list[str]]]:
    """Each row's place, "line 7 of FILE", and its values in `columns`; there is a header if one of them is a name.

    Args:
        path: of the table; `.gz` is tried where it doesn't exist.
        columns: which, each with its key.

    Raises:
        UserError: the file can't be read, a column isn't there or is there twice, a row has more values or fewer than
            the first, or there is none; `key` is what to change.
    """
    found = found_file(path)
    has_header = any(isinstance(column, str) for _, column in columns)
    with closing(_rows(found, form, key=key)) as rows:
        line, first = next(rows, (0, []))
        places = [_place(each, first, found) for each in columns]
        num_read = 0
        if not has_header:
            num_read = 1
            yield f"line {line} of {found}", [first[place] for place in places]
        for line, values in rows:
            if len(values) != len(first):
                model = "the header" if has_header else "the first"
                got = f"got {len(values)} at line {line} of {found}"
                cure = _uneven_cure(values, len(first), found, form, line=line, key=key)
                raise UserError(f"a row must have {len(first)} values as {model} has, {got} ({cure})")
            num_read += 1
            yield f"line {line} of {found}", [values[place] for place in places]
    if not num_read:
        raise UserError(f"a table must have a row below its header, got none in {found} (set {key})")


def _uneven_cure(values: Sequence[str], num: int, path: Path, form: TableFormat, *, line: int, key: str) -> str:
    """What mends a row of more or fewer values than `num`."""
    otherwise = f"correct line {line}, or set {key}"
    if len(values) < num:
        return f"set data.corpus.quoted=true, or {otherwise}" if _opens_quote(values, form, key) else otherwise
    with _opened(path, form, key=key) as file:
        delimiter = form.delimiter_of(next(bounded_lines(file, path)).removeprefix(MARK))
    if not form.has_quotes(delimiter):
        return otherwise
    read = ", ".join(repr(value[:40]) for value in values[:4])
    return f'write "..." round a value with {delimiter!r} in it: {read} are read as values there; or set {key}'


def _opens_quote(values: Sequence[str], form: TableFormat, key: str) -> bool:
    """Whether a row that is too short may go on in the next line, within quotes that aren't read as such."""
    return form.quoted is None and key.startswith("data.corpus") and values[-1].count('"') % 2 == 1


def no_texts(values: Sequence[str]) -> str | None:
    """What the values of a column are that can hardly be texts: numbers, or one value throughout; None for others."""
    if sum(NUMBER.fullmatch(value) is not None for value in values) >= MOST * max(1, len(values)):
        return "numbers"
    return f"{values[0][:40]!r} throughout" if len(values) > 1 and len({*values}) == 1 else None


def warn_of_no_texts(columns: Sequence[Chosen], values: Sequence[Sequence[str]], path: Path) -> None:
    """Say which of these columns, as the user named them, hold no texts."""
    for (key, column), held in zip(columns, values, strict=True):
        if (what := no_texts(held)) is not None:
            log.warning("a column must hold texts, got %s in column %s of %s (set %s)", what, column, path, key)


def header(path: Path, form: TableFormat, *, key: str) -> list[str]:
    """The names of a table's columns; errors as `read_columns`'."""
    with closing(_rows(found_file(path), form, key=key)) as rows:
        return [name.strip() for name in next(rows)[1]]


def _place(chosen: Chosen, first: list[str], path: Path) -> int:
    """Where in a row a column stands, by the first row, which is the header if the column has a name."""
    names, (key, column) = [name.strip() for name in first], chosen
    # Where all is one column, they aren't divided as was thought.
    keys = f"{key} or data.corpus.delimiter" if len(first) == 1 and key.startswith("data.corpus") else key
    if isinstance(column, int):
        if not -len(first) <= column < len(first):
            name = key.rpartition(".")[2]
            raise UserError(f"{name} must be within the {len(first)} columns of {path}, got {column} (set {keys})")
        return column % len(first)
    if column not in names:
        if len(first) == 1 and keys != key and (apart := _other_delimiter(first[0], column)):
            raise UserError(
                f"a table must have the column {column!r}, got {names[0][:200]} in {path}, which {apart!r} seems to "
                f"divide (write data.corpus.delimiter=\"'{apart}'\")"
            )
        guess = closest(column, names)
        if not guess and _looks_like_data(names) and key.startswith("data.corpus"):
            raise UserError(
                f"a table must have the column {column!r}, got {', '.join(names)[:200]} in {path}, whose first line "
                f"looks like data (set {keys} to the column's place, such as {min(1, len(names) - 1)}, from 0 on, or "
                "keep the header in each file)"
            )
        places = "" if guess else f" to one of these, or to its place, 0 to {len(names) - 1}, where there is no header"
        raise UserError(
            f"a table must have the column {column!r}, got {', '.join(names)[:200]} in {path}{guess} (set {keys}"
            f"{places if key.startswith('data.corpus') and len(names) > 1 else ''})"
        )
    if names.count(column) > 1:
        raise UserError(f"a column must stand once in a header, got {column!r} more than once in {path} (set {keys})")
    return names.index(column)


def _other_delimiter(header: str, column: str) -> str:
    """What would divide a header so that it has this column; "" where nothing known does."""
    return next((sign for sign in OTHER if column in [name.strip(' "') for name in header.split(sign)]), "")


def _looks_like_data(names: Sequence[str]) -> bool:
    """Whether what should be names of columns has a number or a sentence among them."""
    return any(NUMBER.fullmatch(name) or SENTENCE.search(name) or len(name.split()) > MOST_WORDS for name in names)


@dataclass
class Blank:
    """Lines of a table without a value: how many, and the first; those at its end are none."""

    num: int = 0
    first: int = 0
    pending: int = 0

    def holds(self, line: int, *, there: bool) -> bool:
        """Whether the row that begins in this line is `there`; it is counted where it isn't."""
        if there:
            self.num, self.pending = self.num + self.pending, 0
            return True
        self.first = self.first or line
        self.pending += 1
        return False

    def say(self, path: Path) -> None:
        """What was left out."""
        if self.num:
            log.warning("left out empty lines of %s: %d of them, the first is line %d", path, self.num, self.first)


def _rows(path: Path, form: TableFormat, *, key: str) -> Generator[Row, None, None]:
    """One at a time: tables of articles have more than a gigabyte. Blank lines are passed over, and counted."""
    line, blank = 1, Blank()
    try:
        with _opened(path, form, key=key) as file:
            start = next(bounded_lines(file, path), "").removeprefix(MARK)
            delimiter = form.delimiter_of(start)
            if not form.has_quotes(delimiter):
                yield from _unquoted(path, delimiter, form, key=key)
                return
            csv.field_size_limit(LONGEST_VALUE)
            reader = csv.reader(bounded_lines(file, path, start=start), delimiter=delimiter, strict=True)
            empty = True
            for values in reader:
                if blank.holds(line, there=bool(values)):
                    yield line, values
                    empty = False
                line = reader.line_num + 1
            blank.say(path)
            if empty:
                raise UserError(f"a table must have rows, got the empty file {path} (set {key})")
    except csv.Error as error:
        unquoted = ", or set data.corpus.quoted=false where quotes are the text's own"
        trouble = csv_trouble(error, key=key, otherwise=unquoted if key.startswith("data.corpus.") else "")
        raise UserError(
            f"a table must be readable CSV, got {path}, in the row from line {line} on: {trouble}"
        ) from error
    except UnicodeError:
        read_text(path, key=key, encoding=form.encoding)  # which says where
        raise
    except (OSError, EOFError, zlib.error) as error:
        raise file_trouble(error, path, key=key) from error


def csv_trouble(error: csv.Error, *, key: str, otherwise: str = "") -> str:
    """What the library says of a table that it can't read, with what to do, or `otherwise`."""
    said = str(error)
    if said == "unexpected end of data":
        return f'a " begins a value there, and none ends it (add it{otherwise})'
    if said.endswith("""expected after '"'"""):
        return f'a value there goes on after the " that ends it (write "" for a quote in it{otherwise})'
    return f"{said} (set {key})"


def _unquoted(path: Path, delimiter: str, form: TableFormat, *, key: str) -> Iterator[Row]:
    texts, blank = read_raw_lines(path, key=key, encoding=form.encoding), Blank()
    rows = [(line, text.split(delimiter)) for line, text in enumerate(texts, start=1)]
    for line, values in rows:
        if blank.holds(line, there=any(value.strip() for value in values)):
            yield line, values
    blank.say(path)
    if form.quoted is None:
        _say_quoted(rows, path)


def _say_quoted(rows: Sequence[Row], path: Path) -> None:
    """That quotes which a program wrote are read as the texts' own."""
    values = [(line, value) for line, held in rows for value in held if IN_QUOTES.fullmatch(value)]
    if (first := next((each for each in values if QUOTED.fullmatch(each[1])), None)) is not None:
        num, (line, value) = len(values), first
        log.warning(
            "values of %s look quoted: %d of them, as in line %d, %s (set data.corpus.quoted=true)",
            path, num, line, value,
        )  # fmt: skip


@contextmanager
def _opened(path: Path, form: TableFormat, *, key: str) -> Iterator[IO[str]]:
    """The file's text, its line ends as they are, once its beginning has been seen to be text of this encoding."""
    with open_file(path) as file:
        start = file.read(START)
    check_kind(start, path, key=key)
    packed = path.suffix == ".gz" or start.startswith(GZIP)
    if packed:
        with gzip.open(path) as unpacked:
            start = unpacked.read(START)
        check_kind(start, path, key=key)
    check_mark(start, path, encoding=form.encoding, key=key)
    with (
        gzip.open(path) if packed else path.open("rb") as binary,
        io.TextIOWrapper(binary, encoding=form.encoding or DEFAULT, newline="") as file,
    ):
        yield file
