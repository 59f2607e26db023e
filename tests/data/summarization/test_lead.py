"""LEAD takes a document's beginning, by sentences or by words."""

import pytest

from attnlab.data import LeadSentences, LeadWords


@pytest.mark.parametrize(
    "document, count, lead",
    [
        ("One fast tool. Two. Three.", 2, "One fast tool.\nTwo."),
        ("Is it? Yes!  3 more.", 2, "Is it?\nYes!"),
        ("Version 2.1 of e.g. this draws. Then", 1, "Version 2.1 of e.g. this draws."),
        ("A title\nA sentence. Another", 2, "A title\nA sentence."),
        ("\n\n a  b\n\nc", 1, "a b"),
        ('He said "no." Then left.', 1, 'He said "no."'),
        ("第一句。第二句。", 1, "第一句。"),
        ("no end", 5, "no end"),
        ("", 1, ""),
    ],
)
def test_lead_sentences(document: str, count: int, lead: str) -> None:
    assert LeadSentences(count=count)(document) == lead


def test_lead_words() -> None:
    assert LeadWords(count=3)(" a\nb  c d") == "a b c"
    assert LeadWords(count=9)("a b") == "a b"


@pytest.mark.parametrize("kind", [LeadWords, LeadSentences])
def test_lead_takes_something(kind: type) -> None:
    with pytest.raises(ValueError, match=r"^count must be 1 or more, got 0 \(set data.lead.count\)$"):
        kind(count=0)
