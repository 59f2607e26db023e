"""Files as a run's own data has them, read as training read them: columns of labelled words, records, tables."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from attnlab.commands.predict.tables import COLUMN_ENDINGS, MOST, TABLE_ENDINGS, plain_name
from attnlab.data.files.first_rows import HEADS
from attnlab.data.files.json_values import no_object, parse_json
from attnlab.data.files.tables import Column, TableFormat
from attnlab.data.tagging.column_files import ColumnFile
from attnlab.data.tagging.jsonl_tokens import TOKEN_FIELDS
from attnlab.data.tagging.written_labels import is_bracketed, is_label, is_small_label, type_of
from attnlab.data.translation.corpora import LANGUAGES
from attnlab.errors import UserError
from attnlab.language import either
from attnlab.reading.shown import tell

TITLES = {"attnlab.data.CnnDailymail": "article", "attnlab.data.CsvSummaries": "document"}


class RunFiles(NamedTuple):
    """What a run's config says of its corpus's files, and which types of entities it knows."""

    corpus: Mapping[str, Any]
    types: Sequence[str] = ()

    @property
    def field(self) -> str | None:
        """Of a record, which holds the text."""
        found = self.corpus.get("document") or self.corpus.get("text")
        return found if isinstance(found, str) else None

    @property
    def column(self) -> Column | None:
        """Of the run's tables, which holds the text; None where it has no tables."""
        if "source_column" in self.corpus:
            return self.corpus["source_column"] or 0
        given = self.corpus.get("document")
        return (
            TITLES.get(str(self.corpus.get("_target_"))) if given is None or "delimiter" not in self.corpus else given
        )

    @property
    def word_column(self) -> int | None:
        """That of files in columns, if the config says it."""
        return self.corpus.get("word_column")

    def labelled_words(self, lines: Sequence[str], name: str) -> list[list[str]] | None:
        """The words of each sentence of a file in columns, one of which holds labels; None if it is no such file."""
        lettered = self.corpus.get("scheme") != "io"
        with TemporaryDirectory() as folder:
            path = Path(folder) / (Path(name).name.removesuffix(".gz") or "columns")
            path.write_text("\n".join(lines), encoding="utf-8", errors="surrogatepass")
            try:
                file = ColumnFile(path, key="data.root")
                columns = file.find_columns(self.word_column, self.corpus.get("label_column"), lettered=lettered)
                found = list(file.sentences(*columns, lettered=lettered))
            except UserError:
                return None
        labels = [label for sentence in found for label in sentence.labels]
        if sum(self._is_label(label, lettered=lettered) for label in labels) < MOST * len(labels) or not labels:
            return None
        typed = any(label in self.types or type_of(label) is not None for label in labels)
        # A text of some words may end in a capital O.
        sure = typed or len(labels) > 1 or plain_name(name).endswith(COLUMN_ENDINGS)
        return [sentence.words for sentence in found] if sure else None

    def _is_label(self, label: str, *, lettered: bool) -> bool:
        if not lettered:
            return label in self.types or label in ("O", "o", "0")
        return is_label(label) or is_small_label(label) or is_bracketed(label)

    def records(self, lines: Sequence[str], name: str) -> Iterator[str | list[str]]:
        """The text of each record, or its words where it has a list of them; several texts become lines of one.

        A file holds an object a line, or a list of objects or texts, by itself or as "annotations".

        Raises:
            UserError: what is no record, or has no text where the run's data has it.
        """
        for place, entry in _entries(lines, name):
            if isinstance(entry, list) and entry and isinstance(entry[0], str) and len(entry) == 2:
                entry = entry[0]  # spaCy's pairs
            if isinstance(entry, dict) and isinstance(entry.get("data"), dict):
                entry = entry["data"]  # Label Studio's
            fields = (self.corpus.get("tokens"),) if self.corpus.get("tokens") else TOKEN_FIELDS
            if self.types and isinstance(entry, dict):
                words = next((entry[each] for each in fields if isinstance(entry.get(each), list)), None)
                if words is not None and all(isinstance(word, str) for word in words):
                    yield [word for word in words if word.strip()]
                    continue
            field = self.field or "text"
            held = entry.get(field) if isinstance(entry, dict) else entry if isinstance(entry, str) else None
            parts = [held] if isinstance(held, str) else held
            if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
                raise UserError(f"a record must have a text in the field {field!r}, as the run's data has, got {place}")
            yield "\n".join(parts)

    def is_table(self, lines: Sequence[str], name: str) -> bool:
        """Whether a file is a table with the column that the run reads."""
        column = self.field if self.column is None else self.column
        rows = [line for line in lines if line.strip()][:1000]
        if column is None or not rows:
            return False
        divider = self._format.delimiter_of(rows[0])
        if isinstance(column, str):
            known = self.column is not None or plain_name(name).endswith(tuple(TABLE_ENDINGS))
            return known and column in [each.strip() for each in next(_values(rows[:1], divider, quoted=True))[1]]
        divided = sum(divider in row for row in rows) >= MOST * len(rows)
        return divided and (divider == "\t" or plain_name(name).endswith(tuple(TABLE_ENDINGS)))

    @property
    def _format(self) -> TableFormat:
        return TableFormat(delimiter=self.corpus.get("delimiter"), quoted=self.corpus.get("quoted"))

    def of_table(self, lines: Sequence[str], name: str) -> list[str]:
        """What stands in the column that the run reads; UserError for a row that isn't as long as the first."""
        form = self._format
        column = self.field if self.column is None else self.column
        divider = form.delimiter_of(next(line for line in lines if line.strip()))
        quoted = divider != "\t" if form.quoted is None else form.quoted
        try:
            rows = list(_values(lines, divider, quoted=quoted))
        except csv.Error as error:
            raise UserError(f"a table must be readable CSV, got {name}: {error}") from error
        _, first = rows[0]
        place = [each.strip() for each in first].index(column) if isinstance(column, str) else column
        assert place is not None  # as `is_table` has seen
        if not -len(first) <= place < len(first):
            raise UserError(f"a table must have the column {place}, as the run's has, got {len(first)} in {name}")
        for line, values in rows:
            if len(values) != len(first):
                raise UserError(f"a row must have {len(first)} values, got {len(values)} at line {line} of {name}")
        if isinstance(column, int):
            self._tell_of_header(first, name)
        return [values[place] for _, values in rows[1 if isinstance(column, str) else 0 :]]

    def _tell_of_header(self, first: Sequence[str], name: str) -> None:
        """Of a table of pairs read without one, as training would refuse it."""
        if "source_column" not in self.corpus:
            return
        target = self.corpus.get("target_column")
        places = [self.column or 0, 1 if target is None else target]
        heads = [first[n].strip() for n in places if isinstance(n, int) and -len(first) <= n < len(first)]
        if len(heads) == len(places) and all(each.lower() in {*HEADS, *LANGUAGES} for each in heads):
            found = ", ".join(map(repr, heads))
            tell(
                either(
                    f"the first line of {name} looks like a header, {found}, and is read as a text (take it out)",
                    f"{name} 的第一行像是表头（{found}），却当作文本读入（请去掉）",
                )
            )


def _values(lines: Sequence[str], divider: str, *, quoted: bool) -> Iterator[tuple[int, list[str]]]:
    """The line that each row begins in, and its values."""
    if not quoted:
        yield from ((n, line.split(divider)) for n, line in enumerate(lines, start=1) if line.strip())
        return
    reader = csv.reader((line + "\n" for line in lines), delimiter=divider)
    start = 1
    for values in reader:
        if values:
            yield start, values
        start = reader.line_num + 1


def _entries(lines: Sequence[str], name: str) -> Iterator[tuple[str, Any]]:
    try:
        whole = parse_json("\n".join(lines), place=name)
    except (ValueError, RecursionError):
        whole = None
    if isinstance(whole, dict):
        inner = whole.get("annotations")
        whole = inner if isinstance(inner, list) and "text" not in whole and "data" not in whole else [whole]
    if isinstance(whole, list):
        yield from ((f"entry {number} of {name}", entry) for number, entry in enumerate(whole, start=1))
        return
    for number, line in enumerate(lines, start=1):
        if line.strip():
            place = f"line {number} of {name}"
            try:
                yield place, parse_json(line, place=place)
            except (ValueError, RecursionError) as error:
                raise no_object(place, error, key=None) from error
