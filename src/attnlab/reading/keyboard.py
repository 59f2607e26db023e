"""Signs that keyboards of other scripts, editors and pages put in the place of those that a command line knows."""

import re
import unicodedata
from pathlib import Path

from attnlab.errors import UserError

DASHES = "‐‑‒–—―−－﹣"
_SIGNS = str.maketrans(
    dict.fromkeys("“”„«»", '"')
    | dict.fromkeys("‘’‚`", "'")
    | dict.fromkeys(DASHES, "-")
    | {"。": ".", "、": ","}  # what a Chinese keyboard types for a decimal point, and between things of a list
)
_QUOTES = "“”„«»‘’‚「」『』＂＇"
_AT_THE_END = re.compile("[,;，；。、]+$")


def plain(text: str) -> str:
    """The text with the keyboard's own signs, letters and digits."""
    return unicodedata.normalize("NFKC", text).translate(_SIGNS)


def unended(text: str) -> str:
    """The text without the signs at its end that end a part of a sentence, and nothing on a command line."""
    return _AT_THE_END.sub("", text)


def unquoted(text: str) -> str:
    """The text without quotes at its ends that no shell takes away."""
    return text.strip(_QUOTES)


def with_dashes(word: str) -> tuple[str, ...]:
    """The options that may be meant by a word with another script's dash, —query: the likeliest first; none of others.

    A dash that is long may stand for two, and two that are typed become one long one.
    """
    found = re.match(rf"[-{DASHES}]+", word)
    if found is None or found[0].isascii() or not (name := word[found.end() :])[:1].isalpha():
        return ()
    return (f"--{name}", f"-{name}") if len(name.partition("=")[0]) > 1 else (f"-{name}", f"--{name}")


def check_slashes(path: str | Path, before: str = "") -> None:
    """Raise UserError for the path of another folder that would be a file of an odd name here; `before`: its key."""
    text = str(path)
    if "／" in text and not Path(text).expanduser().exists():
        slashed = text.replace("／", "/")
        raise UserError(f"folders are parted by the keyboard's own /, got {before}{text} (write {before}{slashed})")
