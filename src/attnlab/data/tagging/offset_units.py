"""What offsets into a text count: code points, or what other languages' strings are made of."""

from collections.abc import Callable
from itertools import accumulate

UNITS: dict[str, tuple[str, Callable[[str], int]]] = {
    "characters": ("code points", lambda _: 1),
    "utf16": ("UTF-16 code units", lambda each: 1 + (each > "\uffff")),
    "bytes": ("UTF-8 bytes", lambda each: len(each.encode())),
}


class Places:
    """Where offsets of some unit stand in a text, in code points."""

    def __init__(self, text: str, unit: str) -> None:
        self.identical = unit == "characters" or text.isascii()
        self.size = len(text)
        if not self.identical:
            ends = accumulate(map(UNITS[unit][1], text), initial=0)
            self._places = {end: number for number, end in enumerate(ends)}

    def __call__(self, offset: int) -> int | None:
        """The code point before which the offset stands; None within one, or outside of the text."""
        if self.identical:
            return offset if 0 <= offset <= self.size else None
        return self._places.get(offset)


def bounds(first: int, last: int, places: Places) -> tuple[int, int] | None:
    """Where these offsets stand, start and end, in code points; None where they hold no character."""
    start, end = places(first), places(last)
    return None if start is None or end is None or start >= end else (start, end)
