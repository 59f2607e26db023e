"""How wide text stands in a terminal, where a Chinese character takes two columns."""

import unicodedata


def display_width(text: str) -> int:
    """The columns that one line of text takes: two for a wide (Chinese) character, none for a combining mark."""
    return sum(map(_character_width, text))


def _character_width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, width: int) -> str:
    """The text followed by the spaces that bring it to `width` columns; a wider text is left as it is."""
    return text + " " * (width - display_width(text))


def shorten(text: str, width: int) -> str:
    """The text in at most `width` columns, with an ellipsis for its end if it had to be cut."""
    if display_width(text) <= width:
        return text
    while display_width(text) > width - 1:
        text = text[:-1]
    return text.rstrip() + "…"
