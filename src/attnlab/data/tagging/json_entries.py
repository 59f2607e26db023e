"""Files of annotated texts in JSON: an entry a line, or a list of all, as annotation tools export them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attnlab.data.files.json_lines import read_json_lines
from attnlab.data.files.json_values import no_object, parse_json
from attnlab.data.files.lines import read_raw_lines
from attnlab.errors import UserError
from attnlab.reading.bounds import plain_json


def read_json_entries(path: Path, *, key: str, encoding: str | None = None) -> Iterator[tuple[str, Any]]:
    """Each entry's place, "line 7 of FILE" or "entry 7 of FILE", and the entry.

    A file holds one JSON value a line; or one list of entries, by itself or as the "annotations" of an object, with
    null for one that an annotator skipped.

    Args:
        encoding: as for `read_raw_lines`.

    Raises:
        UserError: the file can't be read, or isn't of JSON, an object has a field twice, or a text has half of a
            surrogate pair, which no file can be written with; `key` is what to change.
    """
    lines = read_raw_lines(path, key=key, encoding=encoding)
    whole = _whole("\n".join(lines))
    if whole is not None:
        parse_json("\n".join(lines), place=str(path), key=key)
        _check_characters(whole, path, key)
        for number, entry in enumerate(whole, start=1):
            yield f"entry {number} of {path}", entry
        return
    first = next(line for line in lines if line.strip()).lstrip()
    if not first.startswith("["):
        yield from read_json_lines(path, key=key, encoding=encoding)
        return
    for number, line in enumerate(lines, start=1):
        if line.strip():
            place = f"line {number} of {path}"
            try:
                entry = parse_json(line, place=place, key=key)
            except (ValueError, RecursionError) as error:
                raise no_object(place, error, key=key) from error
            _check_characters(entry, path, key)
            yield place, entry


def _whole(text: str) -> list[Any] | None:
    """The entries of a file that is one JSON value; None if it isn't, or holds one entry alone."""
    try:
        found = plain_json(text)
    except ValueError:
        return None
    if isinstance(found, dict):
        found = found.get("annotations") if "text" not in found and "data" not in found else None
    holds_entries = isinstance(found, list) and all(isinstance(each, dict | list | None) for each in found)
    return found if holds_entries and any(found) else None


def _check_characters(value: Any, path: Path, key: str) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = error.object[error.start]
        raise UserError(f"texts must be of whole characters, got {half!r} in {path} (set {key})") from error
