"""Fields of lines of JSON; `place` is where a line stands, and `key` what names the field."""

from collections.abc import Mapping
from typing import Any

from attnlab.errors import UserError


def field_of(row: Mapping[str, Any], field: str, place: str, key: str) -> Any:
    """What a line has there; UserError, of `key`, where it lacks the field."""
    if field not in row:
        raise UserError(f"each line must have the field {field!r}, got {', '.join(row)} in {place} (set {key})")
    return row[field]


def name_of(found: Any) -> str | None:
    """As a text; None of none."""
    return None if found is None else str(found)


def text_of(row: Mapping[str, Any], field: str, place: str, key: str) -> str:
    """A text; UserError where it is none."""
    found = field_of(row, field, place, key)
    if found is None:
        raise UserError(f"the field {field!r} must hold a text, got null in {place} (fill it in, or take it out)")
    if not isinstance(found, str):
        raise UserError(f"the field {field!r} must hold a text, got {str(found)[:40]!r} in {place} (set {key})")
    return found


def texts_of(row: Mapping[str, Any], field: str, place: str, key: str) -> list[str]:
    """A text or several; UserError where it is neither."""
    found = field_of(row, field, place, key)
    if found is None:
        raise UserError(
            f"the field {field!r} must hold a text or a list of texts, got null in {place} (fill it in, or take it out)"
        )
    texts = [found] if isinstance(found, str) else found
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise UserError(
            f"the field {field!r} must hold a text or a list of texts, got {str(found)[:40]!r} in {place} (set {key})"
        )
    return texts
