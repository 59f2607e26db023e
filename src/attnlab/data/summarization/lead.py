"""LEAD, the baseline of summarization: a document's beginning."""

from typing import Protocol

import regex

from attnlab.data.text.script_words import pieces
from attnlab.errors import at_least

# Closing marks belong to the sentence before them. Of ASCII one, so that English texts are cut as they ever were; of
# others as many as there are. `»` after a space closes in French, and `“` and `«` close in German.
_CLOSED = r"(?:[\"')\]]|(?:[”’“‘«›‹』」）】》〉〕]|[\xa0\u202f\ ]?»)+)?"
_OPENED = r"(?:[\"'(\[]|(?:[“„‘‚»›「『（【《〈〔¿¡]|«[\xa0\u202f\ ]?|‹[\xa0\u202f\ ]?)+)?"
# What may begin a sentence. Of scripts without capitals any letter; Georgian's are small ones to Unicode.
_BEGINS = r"[\p{Lu}\p{Lt}\p{Lo}\p{Nd}\p{Georgian}]"
# Marks of other scripts that end nothing but a sentence, with a space after them or without.
_STOP = r"[[\p{Sentence_Terminal}།༎]--[.!?၊‼‽⁇⁈⁉]]"
_SHUT = r"[”’“』」）】》〉〕»]"
# A quotation that its sentence goes on after: with a particle, or with who said it, unless that came before it.
_QUOTED = r"[”’」』]"
_PARTICLE = r"(?:っ?て|と|など|なんて|[のをがにへ]|は(?!い)|も(?!う))"
_TOLD = r"[：:，,、]\s*[“‘「『][^“‘「『\n]*[”’」』]+"
_LETTER = r"[\p{Han}\p{Hiragana}\p{Katakana}ー]"
_SPEAKER = rf"{_LETTER}{{1,9}}?(?:[说說问問答喊叫言曰]|(?<!知)道)"
_GOES_ON = rf"(?<={_QUOTED})(?:{_PARTICLE}|(?<!{_TOLD}){_SPEAKER})"
_END = regex.compile(
    rf"""
    \n+
    | (?<=[.!?…‼‽⁇⁈⁉]{_CLOSED})\s+(?={_OPENED}{_BEGINS})
    | (?<=\p{{Greek}}{_CLOSED}[;\u037e]{_CLOSED})\s+(?={_OPENED}{_BEGINS})    # a Greek question
    | (?<={_STOP}(?:{_STOP}|[!?…]|{_SHUT})*)(?!{_STOP}|[!?…]|{_SHUT}|\d|{_GOES_ON})
    """,
    regex.VERSION1 | regex.VERBOSE,
)


class Lead(Protocol):
    """What is taken of a document, `count` says how much."""

    count: int

    def __call__(self, document: str) -> str: ...


class LeadWords:
    """The first `count` words, between white space; ValueError for a count below 1.

    In scripts without spaces between words a letter is one.
    """

    def __init__(self, *, count: int) -> None:
        at_least(1, "data.lead", count=count)
        self.count = count

    def __call__(self, document: str) -> str:
        taken, left = [], self.count
        for word in document.split():
            parts = pieces(word)
            taken.append("".join(parts[:left]))
            left -= len(parts)
            if left <= 0:
                break
        return " ".join(taken)


class LeadSentences:
    """The first `count` sentences, a line each; ValueError for a count below 1.

    A sentence ends with its line, at a full stop, question or exclamation mark where a capital, a digit or a letter of
    a script without capitals follows, and at the marks that other scripts end sentences with. Thai has none: there it
    is the line. After a Chinese or Japanese quotation the sentence goes on where a particle follows, or who said it
    and nothing led up to the quotation.
    """

    def __init__(self, *, count: int) -> None:
        at_least(1, "data.lead", count=count)
        self.count = count

    def __call__(self, document: str) -> str:
        sentences = [" ".join(sentence.split()) for sentence in _END.split(document)]
        return "\n".join([sentence for sentence in sentences if sentence][: self.count])
