"""Text in figures: tokens as anyone typed them, in Chinese or not, never drawn as boxes or formulas."""

import unicodedata
from collections.abc import Sequence

from attnlab.reporting.figures.style import drawable
from attnlab.reporting.terminal.text import shorten

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
EMPTY = "\N{EMPTY SET}"
SPACE = "\N{OPEN BOX}"


def readable(text: str) -> str:
    """The text on one line, every character of it drawable.

    Blank text shows its spaces, empty text is an empty set, a lone combining mark sits on a dotted circle; a control
    character, or one that neither font has, is a replacement sign.
    """
    # Joiners and variation selectors only shape their neighbours: here they would be boxes.
    shown = "".join(c for c in unicodedata.normalize("NFC", text) if not _shapes_neighbours(c))
    if not shown:
        return EMPTY
    if shown.isspace():
        return SPACE * len(shown)
    if unicodedata.category(shown[0]).startswith("M"):
        shown = "\N{DOTTED CIRCLE}" + shown
    return "".join(map(_drawn, shown))


def _shapes_neighbours(character: str) -> bool:
    return unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f"


def _drawn(character: str) -> str:
    if character.isspace():
        return " "
    return character if character.isprintable() and ord(character) in drawable() else UNKNOWN


def token_labels(tokens: Sequence[str], *, width: int = 20) -> list[str]:
    """One readable label a token, at most `width` terminal columns wide."""
    return [shorten(readable(token), width) for token in tokens]
