"""Files of one JSON object a line, or of one list of objects, plain or gzipped; whatever is wrong with one is a single
clear line.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attnlab.data.files.json_values import no_object, parse_json
from attnlab.data.files.lines import read_lines
from attnlab.errors import UserError


def read_json_lines(path: Path, *, key: str, encoding: str | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each object's place, "line 7 of FILE", and the object; empty lines are passed over.

    A file that is one list of objects, as many programs write what they call JSON, has its entries: "entry 7 of FILE".

    Args:
        encoding: as for `read_raw_lines`.

    Raises:
        UserError: the file can't be read, or a line isn't a JSON object, has a field twice, or half of a surrogate
            pair, which no file can be written with; `key` is what to change.
    """
    lines = read_lines(path, key=key, encoding=encoding)
    listed = _listed(lines, path, key)
    if listed is not None:
        for number, entry in enumerate(listed, start=1):
            yield f"entry {number} of {path}", _object(entry, f"entry {number} of {path}", key)
        return
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        place = f"line {number} of {path}"
        try:
            found = parse_json(line, place=place, key=key)
        except (ValueError, RecursionError) as error:
            raise no_object(place, error, key=key) from error
        if not isinstance(found, dict):
            raise no_object(place, line, key=key)
        yield place, _object(found, place, key, may_be_half="\\u" in line)


def _listed(lines: list[str], path: Path, key: str) -> list[Any] | None:
    """The entries of a file that is one list, in one line or in many; None of others.

    Raises:
        UserError: a list of several lines that is no JSON, or has anything but objects.
    """
    first = next((line for line in lines if line), "")
    if not first.startswith("["):
        return None
    try:
        found = parse_json("\n".join(lines), place=str(path), key=key)
    except RecursionError as error:
        raise no_object(str(path), error, key=key) from error
    except json.JSONDecodeError as error:
        if _is_json(first):  # a list a line, each of which is told
            return None
        raise no_object(f"line {error.lineno} of {path}", error, key=key) from error
    entries: list[Any] = found
    return entries if entries and all(isinstance(each, dict) for each in entries) else None


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _object(found: dict[str, Any], place: str, key: str, *, may_be_half: bool = True) -> dict[str, Any]:
    """It, if all of its characters are whole."""
    try:
        if may_be_half:
            json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = error.object[error.start]
        raise UserError(f"texts must be of whole characters, got {half!r} in {place} (set {key})") from error
    return found
