"""What of a text for a person is in English."""

import re
from collections.abc import Iterable

WORDS = re.compile("[A-Za-z]{2,} [A-Za-z]{2,}")  # a name alone is the same in every language


def in_english(lines: Iterable[str]) -> list[str]:
    """The lines that have words of it one after another."""
    return [line for line in lines if WORDS.search(line)]
