"""How wide text stands in a terminal, where a Chinese character takes two columns and an accent none."""

import wcwidth


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
