"""A paragraph as lines of a terminal."""

import re
import textwrap

WIDE = re.compile("[\u2e80-\U0010ffff]")  # Chinese and its like, which take two columns
OPENING, CLOSING = "（《“", "，。；：、）》”？！"


def wrapped(text: str, width: int, *, indent: int) -> list[str]:
    """Lines within so many columns. Chinese, which has no spaces, is parted where a column ends."""
    space = " " * indent
    if not WIDE.search(text):
        return textwrap.wrap(text, width, initial_indent=space, subsequent_indent=space, break_on_hyphens=False)
    from attnlab.reporting.terminal.text import display_width  # slower to load than what only reads a configuration

    lines: list[str] = []
    line: list[str] = []
    for piece in re.findall(r"[\x21-\x7e]+\s?|.", text):
        if line and display_width("".join([*line, piece.rstrip()])) > width - indent:
            kept = _kept(line, piece)
            lines.append(space + "".join(line[:kept]).rstrip())
            line = line[kept:]
        line.append(piece)
    return [*lines, space + "".join(line).rstrip()]


def _kept(line: list[str], piece: str) -> int:
    """How many pieces of a full line stay on it: what closes begins no line, and what opens ends none."""
    kept, first = len(line), piece
    while kept > 1 and (first in CLOSING or line[kept - 1] in OPENING):
        kept -= 1
        first = line[kept]
    return kept
