"""Entities marked in their text, as `[Moses PER] went up`, for terminals and tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from attnlab.control_characters import without_controls

# Okabe and Ito's colours, as near as 256 colours have them, light enough for black letters on any terminal.
BACKGROUNDS = (214, 117, 78, 227, 175, 209, 111, 250)
RESET = "\x1b[0m"


def marked(text: str, spans: Sequence[Mapping[str, Any]], *, types: Sequence[str] | None = None) -> str:
    """The text with each span in brackets, its label beside it; coloured by type if `types` gives the types' order.

    Spans hold `start`, `end` (code points, end exclusive) and `label`, in the text's order, none within another.
    Control characters, but tabs and line ends, are replacement signs: a terminal would obey them.
    """
    parts, done, text = [], 0, without_controls(text)
    for span in spans:
        parts += [text[done : span["start"]], _mark(text[span["start"] : span["end"]], span["label"], types)]
        done = span["end"]
    return "".join([*parts, text[done:]])


def _mark(name: str, label: str, types: Sequence[str] | None) -> str:
    shown = f"[{name} {without_controls(label)}]"
    if types is None:
        return shown
    number = types.index(label) if label in types else len(types)
    return f"\x1b[38;5;16;48;5;{BACKGROUNDS[number % len(BACKGROUNDS)]}m{shown}{RESET}"
