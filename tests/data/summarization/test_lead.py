"""LEAD takes a document's beginning, by sentences or by words."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
        ("В субботу открыли мост. Его строили два года.", 1, "В субботу открыли мост."),
        ("Τι είναι; Αυτό. Όχι", 2, "Τι είναι;\nΑυτό."),
        ("Il pleut. Évian dort. Élan", 2, "Il pleut.\nÉvian dort."),
        ("Il dit « non. » Puis rien. « Oui ! »", 2, "Il dit « non. »\nPuis rien."),
        ("“He left.” “She stayed.” Then", 2, "“He left.”\n“She stayed.”"),
        ("»Nein.« Dann „Ja.“ Noch", 2, "»Nein.«\nDann „Ja.“"),
        ("Hola. ¿Qué tal? ¡Bien!", 2, "Hola.\n¿Qué tal?"),
        ("هل هذا؟ نعم. وهذا", 2, "هل هذا؟\nنعم."),
        ("یہ ہے۔ اور وہ۔ پھر", 2, "یہ ہے۔\nاور وہ۔"),
        ("यह पहला है। यह दूसरा है।तीसरा॥", 2, "यह पहला है।\nयह दूसरा है।"),
        ("他说：“真的？！”然后走了。再见。", 2, "他说：“真的？！”\n然后走了。"),
        ("「行こう。」次。", 1, "「行こう。」"),
        ("ეს არის. მეორე", 1, "ეს არის."),
        ("ဟုတ်၊ ဟုတ်။ မဟုတ်။", 1, "ဟုတ်၊ ဟုတ်။"),
        ("约３．１４。好", 1, "约３．１４。"),
    ],
)
def test_lead_sentences(document: str, count: int, lead: str) -> None:
    assert LeadSentences(count=count)(document) == lead


# What cut English texts before other scripts were read.
EARLIER = re.compile(r"\n+|(?:(?<=[.!?])|(?<=[.!?][\"')\]]))\s+(?=[\"'(\[]?[A-Z0-9])")


@settings(deadline=None, max_examples=307)
@given(st.text(".!?\"')](['  \n\tAb1;,-", max_size=17))
def test_english_is_cut_as_ever(text: str) -> None:
    earlier = [" ".join(each.split()) for each in EARLIER.split(text)]
    assert LeadSentences(count=99)(text) == "\n".join(each for each in earlier if each)


@pytest.mark.parametrize(
    "text, sentences",
    [
        ("「はい。」と言った。次の文。", ["「はい。」と言った。", "次の文。"]),
        ("「本当？」って聞いた。", ["「本当？」って聞いた。"]),
        ("「行くな。」これは命令だ。", ["「行くな。」", "これは命令だ。"]),
        ("「はい。」「いいえ。」", ["「はい。」", "「いいえ。」"]),
        ("「はい。」彼は言った。", ["「はい。」彼は言った。"]),
        ("他说“好。”她走了。", ["他说“好。”", "她走了。"]),
        ("“好。”他说。我走了。", ["“好。”他说。", "我走了。"]),
        ("他说：“好。”然后走了。", ["他说：“好。”", "然后走了。"]),
    ],
)
def test_a_sentence_goes_on_after_a_quotation(text: str, sentences: list[str]) -> None:
    assert LeadSentences(count=9)(text).split("\n") == sentences


def test_lead_words_are_letters_where_words_have_no_spaces() -> None:
    assert LeadWords(count=4)("天空，很蓝。 iPhone13手机") == "天空，很蓝。"
    assert LeadWords(count=5)("天空，很蓝。 iPhone13手机") == "天空，很蓝。 iPhone13"
    assert LeadWords(count=2)("ที่นี่ ใหม่") == "ที่นี่"


def test_lead_words() -> None:
    assert LeadWords(count=3)(" a\nb  c d") == "a b c"
    assert LeadWords(count=9)("a b") == "a b"


@pytest.mark.parametrize("kind", [LeadWords, LeadSentences])
def test_lead_takes_something(kind: type) -> None:
    with pytest.raises(ValueError, match=r"^count must be 1 or more, got 0 \(set data.lead.count\)$"):
        kind(count=0)
