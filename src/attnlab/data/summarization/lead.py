"""LEAD, the baseline of summarization: a document's beginning."""

import re
from typing import Protocol

from attnlab.errors import at_least

_END = re.compile(
    r"\n+"
    r"|(?:(?<=[.!?])|(?<=[.!?][\"')\]]))\s+(?=[\"'(\[]?[A-Z0-9])"  # a closing quote belongs to its sentence
    r"|(?<=[。！？])"
)


class Lead(Protocol):
    """What is taken of a document, `count` says how much."""

    count: int

    def __call__(self, document: str) -> str: ...


class LeadWords:
    """The first `count` words, between white space; ValueError for a count below 1."""

    def __init__(self, *, count: int) -> None:
        at_least(1, "data.lead", count=count)
        self.count = count

    def __call__(self, document: str) -> str:
        return " ".join(document.split()[: self.count])


class LeadSentences:
    """The first `count` sentences, a line each; ValueError for a count below 1.

    A sentence ends with its line, or at a full stop, question or exclamation mark where a capital or digit follows.
    """

    def __init__(self, *, count: int) -> None:
        at_least(1, "data.lead", count=count)
        self.count = count

    def __call__(self, document: str) -> str:
        sentences = [" ".join(sentence.split()) for sentence in _END.split(document)]
        return "\n".join([sentence for sentence in sentences if sentence][: self.count])
