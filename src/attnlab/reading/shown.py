"""Anybody's text on a terminal, and in lines that programs read: what would do something there is shown, not sent.

Of Unicode's controls, those of ASCII and of Latin-1 move the cursor, and others turn the order of letters.
"""

import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LINE_ENDS = "\n\v\f\r\x85\u2028\u2029"
SPACING = "\t" + LINE_ENDS
OURS = "attnlab"  # whose logs count with %d
ORDER = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # what follows is read from the other side
CONTROLS = "".join(map(chr, [*range(32), *range(0x7F, 0xA0)])) + ORDER
_SIGNS = {ord(each): "\ufffd" for each in CONTROLS if each not in SPACING}
_ALONE = _SIGNS | {ord(each): "\ufffd" for each in LINE_ENDS if each != "\n"}
_ESCAPED = {ord(each): f"\\u{ord(each):04x}" for each in CONTROLS + LINE_ENDS if each >= "\x7f"}


def without_controls(text: str) -> str:
    """The text with each control character but tab and line ends as a replacement sign, so offsets into it stay."""
    return text.translate(_SIGNS)


def shown(text: str) -> str:
    """Likewise, of lines that are printed as they are: of line ends only the usual one stays."""
    return text.translate(_ALONE)


def tell(line: str) -> None:
    """Print it on stderr, likewise and at once."""
    print(shown(line), file=sys.stderr, flush=True)


@contextmanager
def warnings_said_before() -> Iterator[None]:
    """Logs no warnings: those of data that is read once more were said when it was read first."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def json_text(value: Any, *, indent: int | None = None, allow_nan: bool = True) -> str:
    """JSON for a terminal and for readers of lines: Unicode as it is, but for controls and other line ends."""
    return json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=allow_nan).translate(_ESCAPED)


class ShownRecord(logging.LogRecord):
    """What is logged, likewise: names in it are of anybody's files. Counts have commas, as they have elsewhere."""

    def getMessage(self) -> str:  # noqa: N802  # logging's own name
        ours = self.name.partition(".")[0] == OURS and isinstance(self.args, tuple)
        kinds = re.findall(r"%(.)", str(self.msg)) if ours else []
        if not kinds or len(kinds) != len(self.args or ()):
            return shown(super().getMessage())
        counts = [kind == "d" and isinstance(arg, int) for kind, arg in zip(kinds, self.args or (), strict=True)]
        if not all(counts[number] for number, kind in enumerate(kinds) if kind == "d"):
            return shown(super().getMessage())
        args = [f"{arg:,}" if is_count else arg for is_count, arg in zip(counts, self.args or (), strict=True)]
        return shown(str(self.msg).replace("%d", "%s") % tuple(args))
