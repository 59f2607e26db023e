"""Where the pieces that a text was read in stand in it, so that pieces of several tokenizers can be told to meet."""

import unicodedata
from collections.abc import Iterable

Unit = tuple[str, int, int]
"""A piece's label, and where it starts and ends: code points, end exclusive. What stands nowhere has no length."""

AHEAD = 24  # code points between two pieces: what a tokenizer drops, white space and quotation marks, is short


def as_read(text: str) -> str:
    """A text as tokenizers compare it, to which offsets refer."""
    return unicodedata.normalize("NFC", text)


def units(labels: Iterable[str], text: str) -> list[Unit]:
    """The pieces of a text that is `as_read`, by labels in order, in any case and with a low line for a space.

    A mark of the text's end stands at the end.
    """
    small = _small(text)
    found: list[Unit] = []
    done = 0
    for label in labels:
        wanted = _small(label.replace("▁", " ").strip())
        start = small.find(wanted, done, done + AHEAD + len(wanted)) if wanted else -1
        if label == "</s>" and start < 0:
            found.append((label, len(text), len(text)))
        elif start < 0:
            found.append((label, done, done))
        else:
            done = start + len(wanted)
            found.append((label, start, done))
    return found


def _small(text: str) -> str:
    """In small letters, each in the place of its large one."""
    return "".join(each.lower() if len(each.lower()) == 1 else each for each in text)
