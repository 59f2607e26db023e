"""Quotes of a web page on a command line, which a shell doesn't know: what stood between them has come apart."""

import re
import shlex
from collections.abc import Sequence

from attnlab.errors import UserError

# Which signs end what a sign begins, in the languages that have them.
PARTNERS = {
    "“": "”", "„": "“”", "”": "”", "‟": "”", "«": "»", "»": "«»", "‘": "’", "‚": "‘’", "‹": "›", "›": "‹›",
    "「": "」", "『": "』", "＂": "＂", "＇": "＇", "〝": "〞〟", "《": "》",
}  # fmt: skip
BEGINS = re.compile(rf"(--?[\w-]+=|[\w./@+~]+=)?([{''.join(PARTNERS)}])(.*)", re.DOTALL)


def check_quotes(arguments: Sequence[str]) -> None:
    """Look for a text that was to be one argument, and is several words.

    One that a shell has kept together may begin and end as it likes.

    Raises:
        UserError: several words in a row, of which the first begins with such a quote and the last ends with its
            partner.
    """
    for place, first in enumerate(arguments):
        if (begun := BEGINS.fullmatch(first)) is None or _is_of_several(first):
            continue
        option, sign, rest = begun[1] or "", begun[2], begun[3]
        partners = PARTNERS[sign]
        if any(partner in rest for partner in partners):
            continue
        for end in range(place + 1, len(arguments)):
            if _is_of_several(arguments[end]):
                break
            if arguments[end].endswith(tuple(partners)):
                typed = arguments[place : end + 1]
                text = " ".join([rest, *typed[1:]])[:-1]
                raise UserError(
                    f"what has spaces is quoted with the keyboard's own signs, got {' '.join(typed)}, which is "
                    f"{len(typed)} words to the shell (write {option}{_quoted(text)})"
                )


def _is_of_several(argument: str) -> bool:
    return re.search(r"\s", argument) is not None


def _quoted(text: str) -> str:
    return shlex.quote(text) if re.search(r"[\"$`\\!]", text) else f'"{text}"'
