"""What was found, in a line for terminals and tables: `[Moses PER] went up`, `cells.jpg: RBC 97% at 12, 30, 40, 62`."""

from collections.abc import Mapping, Sequence
from typing import Any

from attnlab.language import either
from attnlab.reading.shown import without_controls
from attnlab.reporting.picture_names import example_name

# Okabe and Ito's colours, as near as 256 colours have them, light enough for black letters on any terminal.
BACKGROUNDS = (214, 117, 78, 227, 175, 209, 111, 250)
RESET = "\x1b[0m"

MOST_SHOWN = 5  # boxed objects in a line


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


def boxes_line(name: str, objects: Sequence[Mapping[str, Any]], *, nothing: str | None = None) -> str:
    """The image's name and its objects: label, score if any, and left, top, right and bottom in whole pixels."""
    shown = [_object(each) for each in objects[:MOST_SHOWN]]
    if (more := len(objects) - MOST_SHOWN) > 0:
        shown.append(either(f"and {more} more", f"另有 {more} 个"))
    found = either("; ", "；").join(shown) or nothing or either("nothing", "无")
    return f"{without_controls(either(*example_name(name)))}{either(': ', '：')}{found}"


def _object(each: Mapping[str, Any]) -> str:
    named, sides = f"{without_controls(each['label'])}{_percent(each)}", ", ".join(str(round(x)) for x in each["box"])
    return either(f"{named} at {sides}", f"{named}，位于 {sides}")


def _percent(each: Mapping[str, Any]) -> str:
    return f" {each['score']:.0%}" if "score" in each else ""
