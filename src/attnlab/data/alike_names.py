"""Names of classes, or of types of entities, that are hardly meant to be two: they are written the same but for case,
blanks or hyphens.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

GAPS = re.compile(r"[-_\s]+")
NAMED = 5  # groups that a message shows


def alike(names: Iterable[str]) -> list[list[str]]:
    """Those of each group of names that are one name, in order.

    Single characters are themselves in each case: `a` and `A` are two classes of handwriting.
    """
    groups: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        groups.setdefault(_folded(name), []).append(name)
    return [each for each in groups.values() if len(each) > 1]


def written_like(name: str, names: Iterable[str]) -> str | None:
    """Of these names another that `name` may be meant for."""
    return next((each for each in sorted(names) if each != name and _folded(each) == _folded(name)), None)


def shown(groups: Sequence[Sequence[str]]) -> str:
    """The names of each group beside each other; in quotes where they begin or end with what can't be seen."""
    said = ["/".join(map(_visible, each)) for each in groups[:NAMED]]
    return ", ".join(said) + (f" and {len(groups) - NAMED} more" if len(groups) > NAMED else "")


def _folded(name: str) -> str:
    seen = "".join(each for each in unicodedata.normalize("NFKC", name) if unicodedata.category(each) != "Cf").strip()
    # A hyphen stays one: -1 isn't 1.
    return seen if len(seen) == 1 else GAPS.sub("-", seen).casefold()


def _visible(name: str) -> str:
    """Its letters as they are; where some can't be seen, in quotes and these as numbers."""
    if name.isprintable() and name == name.strip():
        return name
    return "'" + "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in name) + "'"
