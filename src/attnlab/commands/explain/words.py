"""What of an explanation no language changes, and how a mechanism speaks of itself in either."""

import re
from collections.abc import Iterator

from attnlab.language import Language, Words


def alike(text: str) -> Words:
    """What no language changes: a formula, a line of code."""
    return Words(text, text)


def idea(docstring: str, said: str, language: Language) -> Iterator[str]:
    """Lines of a class's own docstring; in Chinese what the configuration says, where it does, and the equations."""
    if language == "en" or not said:
        yield from docstring.splitlines()
        return
    yield said
    if equations := list(_equations(docstring)):
        yield from ["", *equations]


def _equations(docstring: str) -> Iterator[str]:
    """The lines that open the second paragraph and hold an equation, without the source and the English around it.

    A clause of which the English was cut off says nothing any more, and goes with it: `q̂ and k̂ as in deltanet`.
    """
    paragraphs = docstring.split("\n\n")
    for line in paragraphs[1].splitlines() if len(paragraphs) > 1 else ():
        if "=" not in line or re.match(r"[(`]|[A-Z][a-z]+ ", line):
            return
        plain = re.split(r" {4,}\(|,? +then |,? +(?:[a-z]{2,} ){2,}", line)[0].rstrip()
        yield re.sub(r",\s+[^=~<,()]+$", "", plain)
