"""Which examples stand together, so that they aren't independent of each other: verses of a chapter, for one."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

VERSE = re.compile(r"(.*\S\s+\d+):\d+\S*")
IDENTITY = re.compile(r"#\s*(?:sent_)?id\s*=\s*(.+)")
DOCUMENT = re.compile(r"#\s*(?:newdoc|begin document)\b(.*)")
DOCUMENT_START = "-DOCSTART-"


class Clusters(NamedTuple):
    """What the examples of a split stand in: `kind` of thing, and the name of each one's."""

    kind: str
    names: Sequence[str]


class Mark(NamedTuple):
    """A line of a file, from 1, and what it says."""

    line: int
    text: str


def chapters(references: Sequence[str]) -> Clusters | None:
    """Of verses such as "Genesis 1:1"; None unless all are verses."""
    found = [VERSE.fullmatch(each.strip()) for each in references]
    if not found or not all(found):
        return None
    return Clusters("chapter", [match[1] for match in found if match])


def marks(lines: Sequence[str]) -> list[Mark]:
    """The lines of a file that may say where a document begins, or which sentence it is."""
    return [Mark(*each) for each in enumerate(lines, start=1) if each[1].startswith(("#", DOCUMENT_START))]


def in_lines(marks: Sequence[Mark], starts: Sequence[int]) -> Clusters | None:
    """Of sentences that begin in these lines of a file: chapters by their comments `# id = ...`, or documents by
    -DOCSTART-, `# newdoc` or `#begin document`; None where nothing says so, or all are one.
    """
    verses = [Mark(number, match[1]) for number, line in marks if (match := IDENTITY.match(line))]
    found = chapters(_above(verses, starts)) if verses else None
    if found is None:
        documents = [
            Mark(number, f"document at line {number}")
            for number, line in marks
            if line.startswith(DOCUMENT_START) or DOCUMENT.match(line)
        ]
        found = Clusters("document", _above(documents, starts)) if documents else None
    return None if found is None or len(set(found.names)) < 2 else found


def _above(marks: Sequence[Mark], starts: Sequence[int]) -> list[str]:
    """The last mark at or above each line; "" where there is none."""
    lines = [mark.line for mark in marks]
    places = [bisect_right(lines, start) - 1 for start in starts]
    return [marks[place].text if place >= 0 else "" for place in places]
