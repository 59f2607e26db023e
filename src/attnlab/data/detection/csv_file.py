"""One CSV file of boxes, a line each."""

import csv
import io
import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from attnlab.data.detection.box_sanity import ROUNDING_SHARE, DrawnBox
from attnlab.data.detection.drawn import DrawnPicture
from attnlab.data.detection.folders import SPLIT_FOLDERS, unreadable
from attnlab.data.files.tables import csv_trouble
from attnlab.errors import UserError
from attnlab.reading.bounds import read_text

# What columns are called, in any case and with any of " -_." between words; the first is the name in messages.
COLUMNS = {
    "filename": ("filename", "file", "image", "imagepath", "path", "img", "imagename", "imageid", "imgpath"),
    "class": ("class", "label", "classname", "labelname", "name", "category"),
    "xmin": ("xmin", "x1", "left"),
    "ymin": ("ymin", "y1", "top"),
    "xmax": ("xmax", "x2", "right"),
    "ymax": ("ymax", "y2", "bottom"),
    "width": ("width", "imagewidth", "imgwidth"),
    "height": ("height", "imageheight", "imgheight"),
    "split": ("split", "set", "subset", "partition"),
}
OPTIONAL = ("width", "height", "split")
FARTHEST = 2  # where no corner lies beyond, these are no pixels, but shares of which some are wrong
CORNERS = ("xmin", "ymin", "xmax", "ymax")


class _Line(NamedTuple):
    """A line's cells, by the names of their columns."""

    cells: Mapping[str, str]
    where: str


def read_boxes(path: Path, *, folder: str, key: str) -> list[DrawnPicture]:
    """Every image of `read_splits`, whatever its split."""
    return [each for drawn in read_splits(path, folder=folder, key=key, split="").values() for each in drawn]


def read_splits(path: Path, *, folder: str, key: str, split: str) -> dict[str, list[DrawnPicture]]:
    """Every image with its boxes by its split, in the order in which the file first names them.

    Args:
        folder: where they are.
        split: of a file without a column that says it.

    Raises:
        UserError: the file can't be read, a column is missing, or a line isn't as it must be; `key` is what to change.
    """
    drawn: dict[str, tuple[tuple[int, int] | None, list[DrawnBox], str]] = {}
    splits: dict[str, str] = {}
    for line in _lines(path, key):
        name = posixpath.normpath(posixpath.join(folder, line.cells["filename"].replace("\\", "/")))
        size = _size(line)
        known, boxes, _ = drawn.setdefault(name, (size, [], line.where))
        if size != known:
            raise UserError(
                f"an image must have one size, got {size} and before {known} (height, width) in {line.where}"
            )
        own = _split(line, split)
        if splits.setdefault(name, own) != own:
            raise UserError(f"an image must be of one split, got {own} and before {splits[name]} in {line.where}")
        if (box := _box(line)) is not None:
            boxes.append(box)
    corners = [value for _, boxes, _ in drawn.values() for box in boxes for value in box.corners]
    in_shares = bool(corners) and max(corners) <= 1 + ROUNDING_SHARE
    if corners and not in_shares and max(corners) <= FARTHEST and any(value % 1 for value in corners):
        raise UserError(
            f"corners must be shares of the image's sides, from 0 to 1, or pixels, got none above {max(corners):g} in "
            f"{path} (mend the file, or set {key})"
        )
    found: dict[str, list[DrawnPicture]] = {}
    for name, (size, boxes, where) in drawn.items():
        found.setdefault(splits[name], []).append(DrawnPicture(name, size, boxes, where, in_shares))
    return found


def _split(line: _Line, without: str) -> str:
    """What the column says; `without` it that one."""
    said = line.cells.get("split")
    if said is None:
        return without
    if said.lower() not in SPLIT_FOLDERS:
        raise UserError(f"a split must be train, val or test, got {said!r} in {line.where} (mend it)")
    return SPLIT_FOLDERS[said.lower()]


def _lines(path: Path, key: str) -> list[_Line]:
    try:
        text = read_text(path, encoding="utf-8-sig")
    except OSError as error:
        raise unreadable(path, error, key=key) from error
    except UnicodeDecodeError as error:
        raise UserError(f"annotations must be UTF-8, got {path} (set {key})") from error
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    found: list[_Line] = []
    try:
        header = next(reader, [])
        places = _columns(header, path, key)
        for row in reader:
            where = f"{path}, line {reader.line_num}"
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                raise UserError(
                    f"every line must have the {len(header)} columns of the first, got {len(row)} in {where}"
                )
            cells = {name: row[place].strip() for name, place in places.items()}
            if not cells["filename"]:
                raise UserError(f"every line must name an image, got none in {where}")
            found.append(_Line(cells, where))
    except csv.Error as error:
        trouble = csv_trouble(error, key=key)
        raise UserError(f"annotations must be CSV, got {path}, line {reader.line_num}: {trouble}") from error
    if not found:
        raise UserError(f"there must be a line for each box, got none in {path} (set {key})")
    return found


def _columns(header: Sequence[str], path: Path, key: str) -> dict[str, int]:
    """Where each column is."""
    plain = ["".join(letter for letter in cell.lower() if letter.isalnum()) for cell in header]
    found: dict[str, int] = {}
    for name, spellings in COLUMNS.items():
        places = [place for place, cell in enumerate(plain) if cell in spellings]
        if len(places) > 1:
            named = " and ".join(header[place] for place in places)
            raise UserError(f"there must be one column {name}, got {named} in {path} (set {key})")
        if places:
            found[name] = places[0]
    if lacking := [name for name in COLUMNS if name not in found and name not in OPTIONAL]:
        raise UserError(
            f"the first line must name the columns {', '.join(lacking)}, got {', '.join(header)} in {path} (set {key})"
        )
    return found


def _size(line: _Line) -> tuple[int, int] | None:
    """Height and width; None where they aren't said, or 0 or -1."""
    sides = [_number(line, name) if line.cells.get(name) else 0.0 for name in ("height", "width")]
    if any(each % 1 for each in sides):
        raise UserError(f"width and height must be whole numbers, got {sides[1]:g} and {sides[0]:g} in {line.where}")
    return (int(sides[0]), int(sides[1])) if min(sides) >= 1 else None


def _box(line: _Line) -> DrawnBox | None:
    """None of an image without objects."""
    if not any(line.cells[name] for name in ("class", *CORNERS)):
        return None
    if not line.cells["class"]:
        raise UserError(f"every box must have a class, got none in {line.where}")
    left, top, right, bottom = (_number(line, name) for name in CORNERS)
    corners = (left, top, right, bottom)
    return DrawnBox(corners, corners, line.cells["class"], False, line.where)


def _number(line: _Line, name: str) -> float:
    try:
        return float(line.cells[name])
    except ValueError as error:
        raise UserError(f"{name} must be a number, got {line.cells[name]!r} in {line.where}") from error
