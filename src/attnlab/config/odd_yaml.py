"""What is odd about a file that isn't YAML, in words for who wrote it. YAML's reader isn't loaded here."""

import re
from collections.abc import Sequence
from pathlib import Path

from attnlab.errors import UserError, one_line

ODD_COLON = "mapping values are not allowed"
# What YAML's reader says, and what it mostly comes from.
ODD = (
    ("'\\t'", "a tab, where spaces are needed"),
    ("character that cannot start any token", "a character that must be quoted, or a tab where spaces are needed"),
    (ODD_COLON, "a second colon, or a line that is further right than it may be"),
    ("could not find expected ':'", "a line without KEY: VALUE"),
    ("expected <block end>", "a line that is further left or right than those beside it"),
    ("expected ',' or", "a bracket or a brace that isn't closed"),
    ("expected node content", "a bracket or a brace that isn't closed"),
    ("did not find expected key", "a line that is further left or right than those beside it"),
    ("while scanning a quoted scalar", "a quote that isn't closed"),
    ("unacceptable character", "a character that isn't text"),
    ("found duplicate key", "a key that is there twice"),
)


def not_yaml(error: Exception, path: Path | None = None) -> UserError:
    """What to say of an error of YAML's reader, which knows the file unless it was given a text, that of `path`."""
    if isinstance(error, UnicodeDecodeError):
        return not_utf8(error, str(path))
    return UserError(f"a configuration file must be YAML, got {_odd_place(error, path)} (correct it)")


def not_utf8(error: UnicodeDecodeError, file: str) -> UserError:
    """What to say of a file in another encoding."""
    byte = error.object[error.start]
    return UserError(f"a configuration file must be UTF-8, got the byte {byte:#04x} in {file} (save it as UTF-8)")


def _odd_place(error: Exception, path: Path | None) -> str:
    """The file, the line and what is odd about it."""
    mark = getattr(error, "problem_mark", None)  # of those errors that have a place
    said = one_line(error)
    odd = next((words for sign, words in ODD if sign in said), said)
    if mark is None:
        return odd if path is None else f"{odd} in {path}"
    file = path or Path(str(mark.name))
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
    if (bare := _without_colon(lines, mark.line)) is not None and ODD_COLON in said:
        return f"a line without KEY: VALUE at line {bare + 1} of {file}, {lines[bare].strip()[:80]!r}"
    # Where its end comes too early, what isn't closed stands above.
    text = next((line.strip() for line in reversed(lines[: mark.line + 1]) if line.strip()), "")
    return f"{odd} at line {min(mark.line + 1, max(1, len(lines)))} of {file}, {text[:80]!r}"


def _without_colon(lines: Sequence[str], place: int) -> int | None:
    """The line right above that one which is text alone, and which YAML reads on from; None where it isn't."""
    above = place - 1
    plain = 0 <= above < len(lines) and re.fullmatch(r"\s*[\w./+]+(\s+[^\s:#][^:#]*)?\s*", lines[above])
    return above if plain else None
