"""Whether the first row of a table that is read without a header is one."""

import logging
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from attnlab.data.files.tables import Chosen
from attnlab.errors import UserError

log = logging.getLogger(__name__)

NAME = re.compile(r"[^\W\d_][\w-]*(?: [\w-]+){0,2}")  # nothing ends it, as a sentence is ended
LEAST_ROWS = 8  # below a row, for it to be told from them
MOST_SHORT = 0.01  # of them that look like names, too, as those of a dictionary do
# What heads a column of texts.
HEADS = frozenset(
    {"source", "target", "src", "tgt", "trg", "text", "sentence", "sentence1", "sentence2", "translation"}
)


def check_no_header(starts: Mapping[str, Sequence[Sequence[str]]], keys: Sequence[str], known: Collection[str]) -> None:
    """See that tables read without a header have none.

    Args:
        starts: the first rows of each split, two at most, of the columns that are read.
        keys: of these columns.
        known: what can only be a column's name, in small letters.

    Raises:
        UserError: the first row has nothing else, or stands in all of several splits and the second one doesn't.
    """
    firsts, seconds = ({tuple(rows[place]) for rows in starts.values() if len(rows) > place} for place in (0, 1))
    shared = len(starts) > 1 and len(firsts) == 1 and len(seconds) > 1
    for first in firsts:
        if shared or all(value.strip().lower() in known for value in first):
            got = ", ".join(repr(value[:40]) for value in first)
            named = " ".join(
                f"{key}={value.strip()}" if re.fullmatch(r"[\w-]+", value.strip()) else f"{key}='...'"
                for key, value in zip(keys, first, strict=True)
            )
            having, lacking = _by_first_row(starts, first)
            cure = f"set {named}, or take the row out"
            if lacking:
                cure = f"take the row out of {having}, or put one into {lacking} and set {named}"
            raise UserError(f"the first row must be texts, got what looks like a header in {having}: {got} ({cure})")


def _by_first_row(starts: Mapping[str, Sequence[Sequence[str]]], first: tuple[str, ...]) -> tuple[str, str]:
    """The splits that begin with it, and those that don't."""
    begins = {split: tuple(rows[0]) == first for split, rows in starts.items() if rows}
    return " and ".join(s for s, has in begins.items() if has), " and ".join(s for s, has in begins.items() if not has)


def warn_of_header(
    columns: Sequence[Chosen], values: Sequence[Sequence[str]], path: Path, *, known: Collection[str] = HEADS
) -> None:
    """Say that a table read without a header seems to have one: its first row is unlike all others.

    Its values are short and end as no sentence does, which next to no other row is, and stand nowhere else in their
    columns, or have one of the `known` words in them.
    """
    first = [held[0].strip() for held in values if held]
    if len(first) < len(columns) or any(isinstance(column, str) for _, column in columns):
        return
    if not all(NAME.fullmatch(value) for value in first) or not _alone(values):
        return
    named = all({*re.split(r"[\W_]+", value.lower())} & {*known} for value in first)
    if named or not any(_recurs(value, held[1:]) for value, held in zip(first, values, strict=True)):
        shown = ", ".join(repr(value[:40]) for value in first)
        log.warning(
            "the first row of %s looks like a header, %s, and is read as texts (take it out, or set %s to the columns' "
            "names where each file has a header)", path, shown, " and ".join(key for key, _ in columns),
        )  # fmt: skip


def _alone(values: Sequence[Sequence[str]]) -> bool:
    """Whether next to no row but the first has nothing but what may be names."""
    others = list(zip(*(held[1:] for held in values), strict=True))
    if len(others) < LEAST_ROWS:
        return False
    return sum(all(NAME.fullmatch(value) for value in row) for row in others) <= MOST_SHORT * len(others)


def _recurs(value: str, others: Sequence[str]) -> bool:
    """Whether one of its words stands elsewhere in its column."""
    return any(_has(other.lower(), word) for word in _words(value) for other in others)


def _words(value: str) -> Iterator[str]:
    yield from re.findall(r"\w+", value.lower())


def _has(text: str, word: str) -> bool:
    # What isn't written with spaces has its words within others.
    return word in text and (not word.isascii() or word in re.findall(r"\w+", text))
