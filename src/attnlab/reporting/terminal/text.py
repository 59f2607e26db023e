"""Text in a terminal: how wide it stands, what mustn't reach it, and how scores are printed.

A Chinese character takes two columns and an accent none. Control characters of anybody's text mustn't do anything
there.
"""

import re

import wcwidth

from attnlab.reading.shown import LINE_ENDS

LINE_END = re.compile(rf"\r\n|[{LINE_ENDS}]")


def display_width(text: str) -> int:
    """The columns that one line of text takes; its control characters, which a terminal doesn't draw, take none."""
    return wcwidth.width(text, control_codes="ignore")


def pad(text: str, width: int) -> str:
    """The text followed by the spaces that bring it to `width` columns; a wider text is left as it is."""
    return text + " " * (width - display_width(text))


def shorten(text: str, width: int) -> str:
    """The text in at most `width` columns, with an ellipsis for its end if it had to be cut.

    What a reader takes for one character, such as a letter with its accents, stays or goes as a whole.
    """
    if display_width(text) <= width:
        return text
    kept = list(wcwidth.iter_graphemes(text))
    while display_width("".join(kept)) > width - 1:
        kept.pop()
    return "".join(kept).rstrip() + "…"


def score_text(value: float) -> str:
    """Four digits, or whole where there are more before the point."""
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def one_line(text: str, *, end: str = " ") -> str:
    """The text with `end` for each of its line ends, whichever of Unicode's."""
    return LINE_END.sub(end, text)
