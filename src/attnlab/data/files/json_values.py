"""JSON whose objects have each field once: of two of a name Python's library takes the last without a word."""

import json
from typing import Any

from attnlab.errors import UserError
from attnlab.reading.bounds import is_deep

SHOWN = 40  # characters of a line


class _DoubledError(Exception):
    """An object has a field twice."""


class _Doubled(dict[str, Any]):
    """An object that has this field twice."""

    field: str


def parse_json(text: str, *, place: str, key: str | None = None) -> Any:
    """The value that a text is, as `json.loads` gives it, with its errors: RecursionError if it is deep.

    Args:
        place: where the text stands, for messages.
        key: what to change (None: nothing but the text).

    Raises:
        UserError: an object has a field twice; it is named by its path within the text.
    """
    try:
        return _shallow(json.loads(text, object_pairs_hook=_refused))
    except _DoubledError:
        whole = _shallow(json.loads(text, object_pairs_hook=_marked))
    path, field = _first_doubled(whole, ())
    within = f"{_shown(path)} of {place}" if path else place
    remedy = f" (set {key})" if key else ""
    raise UserError(f"a field must stand once, got {field!r} twice in {within}{remedy}")


def _shallow(value: Any) -> Any:
    if is_deep(value):
        raise RecursionError("nested too deeply")
    return value


def _refused(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _DoubledError
    return found


def _marked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    doubled = _Doubled(found)
    doubled.field = next(name for name in names if names.count(name) > 1)
    return doubled


def _first_doubled(value: Any, path: tuple[str | int, ...]) -> tuple[tuple[str | int, ...], str | None]:
    """Where the first such object is, and its field; None for a field where there is none."""
    if isinstance(value, _Doubled):
        return path, value.field
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        found = _first_doubled(each, (*path, name))
        if found[1] is not None:
            return found
    return path, None


def _shown(path: tuple[str | int, ...]) -> str:
    first, *others = path
    head = f"entry {first + 1}" if isinstance(first, int) else first
    return head + "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in others)


def no_object(place: str, why: Exception | str, *, key: str | None) -> UserError:
    """What to raise for a line that isn't a JSON object.

    Args:
        place: "line 7 of FILE".
        why: what reading it raised, or the line itself.
        key: which names another file; None where none does.
    """
    match why:
        case RecursionError():
            said = "nested too deeply"
        case json.JSONDecodeError():
            said = f"{why.msg} at column {why.colno}"
        case Exception():
            said = str(why)
        case _:
            said = repr(why[:SHOWN])
    instead = f", or set {key}" if key else ""
    return UserError(f"each line must be a JSON object, got {place}: {said} (correct it{instead})")
