"""Files of one JSON object a line, plain or gzipped; whatever is wrong with one is a single clear line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attnlab.data.files.json_values import no_object, parse_json
from attnlab.data.files.lines import read_lines
from attnlab.errors import UserError


def read_json_lines(path: Path, *, key: str, encoding: str | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each line's place, "line 7 of FILE", and its object; empty lines are passed over.

    Args:
        encoding: as for `read_raw_lines`.

    Raises:
        UserError: the file can't be read, or a line isn't a JSON object, has a field twice, or half of a surrogate
            pair, which no file can be written with; `key` is what to change.
    """
    for number, line in enumerate(read_lines(path, key=key, encoding=encoding), start=1):
        if not line:
            continue
        place = f"line {number} of {path}"
        try:
            found = parse_json(line, place=place, key=key)
            if "\\u" in line:
                json.dumps(found, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            half = error.object[error.start]
            raise UserError(f"texts must be of whole characters, got {half!r} in {place} (set {key})") from error
        except (ValueError, RecursionError) as error:
            raise no_object(place, error, key=key) from error
        if not isinstance(found, dict):
            raise no_object(place, line, key=key)
        yield place, found
