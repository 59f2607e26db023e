"""The classes of images by a table, a line for each: a CSV or TSV file with named columns."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from attnlab.data.classification.class_folders import SPLIT_WORDS, Labelled, split_folders
from attnlab.data.files.tables import csv_trouble
from attnlab.errors import UserError

# In any case, and with any of " -_." between words.
NAME_COLUMNS = ("filename", "file", "filepath", "path", "imagepath", "image", "imagename", "imageid", "img", "id")
LABEL_COLUMNS = ("label", "class", "classname", "labelname", "category", "target", "labels")
SPLIT_COLUMNS = ("split", "set", "subset", "partition")
SHOWN = 5


class Row(NamedTuple):
    """One image's."""

    line: int
    name: str
    label: str
    split: str | None


def read_label_table(content: bytes, where: str) -> list[Row]:
    """The rows of a table whose first line names its columns, separated by commas, semicolons or tabs.

    One column has the images' names, another one their classes; or there is one for each class, with a single 1 in each
    row. A column `split` may say to which one an image belongs.

    Raises:
        UserError: it isn't such a table, saying which line of `where` isn't right.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"a table of labels must be in UTF-8, got {where}: {error} (set data.labels)") from error
    first = text.partition("\n")[0]
    delimiter = max((",", ";", "\t"), key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as error:
        raise UserError(
            f"this isn't a table, got {where}, line {reader.line_num}: {csv_trouble(error, key='data.labels')}"
        ) from error
    if doubled := next((cell for cell in header if cell and header.count(cell) > 1), None):
        raise UserError(f"a column must stand once in a header, got {doubled!r} more than once in {where} (mend it)")
    return list(_rows(header, rows, where))


def _rows(header: list[str], rows: list[tuple[int, list[str]]], where: str) -> Iterator[Row]:
    name, label, split = (_column(header, known, where) for known in (NAME_COLUMNS, LABEL_COLUMNS, SPLIT_COLUMNS))
    others = [number for number in range(len(header)) if number not in (name, split)]
    if name is None or (label is None and len(others) < 2):
        raise UserError(
            f"the first line of a table names its columns, one of {', '.join(NAME_COLUMNS)} and one of "
            f"{', '.join(LABEL_COLUMNS)}, got {', '.join(header)} in {where} (set data.labels)"
        )
    for line, cells in rows:
        if len(cells) != len(header):
            raise UserError(f"every row has {len(header)} cells, got {len(cells)} in {where}, line {line} (mend it)")
        found = cells[label] if label is not None else _marked(header, cells, others, f"{where}, line {line}")
        if not cells[name] or not found:
            raise UserError(f"every row has an image and a class, got {cells} in {where}, line {line} (mend it)")
        if split is not None and cells[split].lower() not in SPLIT_WORDS:
            raise UserError(
                f"a split is train, val or test, got {cells[split]!r} in {where}, line {line} (mend it, or leave the "
                "column out)"
            )
        yield Row(line, cells[name], found, None if split is None else SPLIT_WORDS[cells[split].lower()])


def _column(header: list[str], known: Sequence[str], where: str) -> int | None:
    found = [number for number, cell in enumerate(header) if _plain(cell) in known]
    if len(found) > 1 and known is not NAME_COLUMNS:
        raise UserError(
            f"one column says the class, and one at most the split, got {', '.join(header[each] for each in found)} in "
            f"{where} (leave one out)"
        )
    # An image may have an id beside its name.
    return min(found, key=lambda number: known.index(_plain(header[number]))) if found else None


def _plain(cell: str) -> str:
    return "".join(letter for letter in cell.lower() if letter.isalnum())


def _marked(header: list[str], cells: list[str], columns: list[int], place: str) -> str:
    marks = {header[number]: cells[number] for number in columns}
    found = [label for label, mark in marks.items() if mark in ("1", "1.0")]
    if len(found) != 1 or any(mark not in ("0", "0.0", "1", "1.0") for mark in marks.values()):
        raise UserError(f"a row has a 1 for its class and else 0, got {', '.join(marks.values())} in {place} (mend it)")
    return found[0]


def labels_of(rows: Iterable[Row], names: Sequence[str], where: str, *, skip: bool) -> dict[str, Row]:
    """The row of each image that has one; a row may name it by its path, from the root or from the table's folder, by
    its name alone, or without an ending, where that is clear.

    Raises:
        UserError: an image has two classes; rows without an image, unless they are to be skipped.
    """
    folder = PurePosixPath(where).parent
    known = set(names)
    short: dict[str, list[str]] = {}
    for name in names:
        path = PurePosixPath(name)
        for each in {path.name, path.stem, str(path.with_suffix(""))} - {name}:
            short.setdefault(each, []).append(name)
    found: dict[str, Row] = {}
    lost: list[Row] = []
    for row in rows:
        asked = str(PurePosixPath(row.name.replace("\\", "/")))
        exact = [each for each in (asked, str(folder / asked)) if each in known]
        fits = exact[:1] or short.get(asked, [])
        if len(fits) > 1:
            raise UserError(f"a row names one image, got {row.name}, which may be {', '.join(fits[:SHOWN])} (mend it)")
        if not fits:
            lost.append(row)
        elif found.setdefault(fits[0], row)[2:] != row[2:]:
            lines = f"lines {found[fits[0]].line} and {row.line}"
            raise UserError(f"an image has one class and one split, got two of {fits[0]} in {where}, {lines} (mend it)")
    if lost and not (skip and found):
        shown = ", ".join(f"{row.name} (line {row.line})" for row in lost[:SHOWN])
        more = f" and {len(lost) - SHOWN} more" if len(lost) > SHOWN else ""
        raise UserError(
            f"every row must have an image, got none for {shown}{more} in {where} (mend it, or set data.root or "
            "data.skip_broken=true)"
        )
    return found


def splits_of(rows: Mapping[str, Row]) -> dict[str, Labelled]:
    """The images of each split that there is: by their rows, else by the folders they lie in, else all are train's.

    Raises:
        UserError: no row is train's, or the folders are no splits.
    """
    if any(row.split is None for row in rows.values()):
        first = {name: PurePosixPath(name).parts[0] for name in rows if "/" in name}
        folders = split_folders(set(first.values())) if len(first) == len(rows) else {}
        split_of = {folder: split for split, folder in folders.items()}
        rows = {name: row._replace(split=split_of[first[name]] if folders else "train") for name, row in rows.items()}
    splits: dict[str, Labelled] = {}
    for name, row in rows.items():
        splits.setdefault(str(row.split), {})[name] = row.label
    if "train" not in splits:
        raise UserError(f"some images must be train's, got {', '.join(sorted(splits))} alone (set data.labels)")
    return splits
