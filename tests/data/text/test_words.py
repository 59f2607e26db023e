"""Where words stand in any script, and which of them have ids."""

import gzip
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import attnlab.data
from attnlab.data import BPETokenizer, WordTokenizer, WordVocabulary
from attnlab.data.text.word_splitting import split_words
from attnlab.data.text.words import restore_word_tokenizer
from attnlab.models.special_tokens import SPECIAL_TOKENS, UNK

BUNDLED = Path(attnlab.data.__file__).parent / "bundled"


def words(text: str) -> list[str]:
    return [text[start:end] for start, end in split_words(text)]


# Splitting


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_the_bundled_verses_are_split_as_they_were(split: str) -> None:
    content = gzip.decompress((BUNDLED / f"bible_names.{split}.conll.gz").read_bytes()).decode()
    for verse in content.strip().split("\n\n"):
        _, text, *rows = verse.split("\n")
        assert words(text.removeprefix("# text = ")) == [row.split("\t")[0] for row in rows]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("He didn’t see Obed-Edom’s ark.", "He|didn’t|see|Obed-Edom|’s|ark|."),
        ("don't, it's JOHN'S", "don't|,|it|'s|JOHN|'S"),
        ("(1,000.50 at 12:30, or 1/2)", "(|1,000.50|at|12:30|,|or|1/2|)"),
        ("COVID19 x² B2B _x_", "COVID19|x²|B2B|_x_"),
        ("na\u00efve nai\u0308ve", "na\u00efve|nai\u0308ve"),
        ("नमस्ते दुनिया", "नमस्ते|दुनिया"),
        ("میخواهم می\u200cخواهم.", "میخواهم|می\u200cخواهم|."),
        ("Москва — столица", "Москва|—|столица"),
        ("안녕하세요 세계", "안녕하세요|세계"),
        ("צה״ל בע׳", "צה״ל|בע|׳"),
        ("col·lecció", "col·lecció"),
        ("北京2024年ok", "北|京|2024|年|ok"),
        ("ラーメン屋", "ラ|ー|メ|ン|屋"),
        ("か\u3099", "か\u3099"),
        ("ที่", "ที่"),
        ("ok👩\u200d👩\u200d👧👍🏽 🇩🇪🇫🇷!", "ok|👩\u200d👩\u200d👧|👍🏽|🇩🇪|🇫🇷|!"),
        ("❤\ufe0f!", "❤\ufe0f|!"),
        ("see https://x.org/a?b=(c). @me_1 #tag", "see|https://x.org/a?b=(c|)|.|@me_1|#tag"),
        ("a.b@c.de # c#", "a.b@c.de|#|c|#"),
        ("...", ".|.|."),
        ("a\u00a0b\u3000c\u2028d", "a|b|c|d"),
        ("\ufeffa\u200e b\x00\u00ad c", "a|b|c"),
        ("", ""),
        (" \n", ""),
    ],
)
def test_words_of_many_scripts(text: str, expected: str) -> None:
    assert words(text) == (expected.split("|") if expected else [])


def test_what_the_separator_itself_is() -> None:
    assert words("a|b") == ["a", "|", "b"]


@given(text=st.text(max_size=40))
def test_every_visible_character_is_in_exactly_one_word(text: str) -> None:
    offsets = split_words(text)
    inside = [False] * len(text)
    position = 0
    for start, end in offsets:
        assert position <= start < end <= len(text)
        inside[start:end] = [True] * (end - start)
        position = end
    for character, taken in zip(text, inside, strict=True):
        if not taken:
            assert character.isspace() or unicodedata.category(character) in ("Cc", "Cf"), character


@given(text=st.text(alphabet="aBé漢字ーท\u0301\u200d👩🏽1٣-'’.,@#:/ sS\n", max_size=24))
@example(text="\u200d@1.1")
@example(text="s \u200d\u200ds@1.s")
def test_a_word_never_holds_white_space_nor_begins_with_a_joiner(text: str) -> None:
    for word in words(text):
        assert not any(character.isspace() for character in word)
        assert word[0] != "\u200d"


# The vocabulary

SENTENCES = [["the", "cat", "The"], ["the", "dog", "cafe\u0301", "caf\u00e9"], ["dog", "the", "cat", "İ"]]


def trained(**settings: Any) -> WordVocabulary:
    vocabulary = WordVocabulary(**settings)
    vocabulary.train_words(SENTENCES)
    return vocabulary


def test_the_commonest_words_come_first_and_ids_follow_the_special_tokens() -> None:
    vocabulary = trained()
    assert vocabulary.encode_words(["the", "caf\u00e9", "cat", "dog", "The", "İ"]) == [4, 5, 6, 7, 8, 9]
    assert len(vocabulary) == len(SPECIAL_TOKENS) + 6
    assert vocabulary.encode_words(["cafe\u0301", "zebra", "<pad>", ""]) == [5, UNK, UNK, UNK]


def test_rare_words_and_those_past_the_size_are_unknown() -> None:
    assert trained(min_frequency=2).encode_words(["the", "caf\u00e9", "cat", "dog", "The"]) == [4, 5, 6, 7, UNK]
    assert len(trained(max_size=6)) == 6
    assert trained(max_size=6).encode_words(["the", "caf\u00e9", "cat"]) == [4, 5, UNK]


def test_lowercase_makes_one_word_of_two() -> None:
    vocabulary = trained(lowercase=True)
    assert vocabulary.encode_words(["the", "The", "THE"]) == [4, 4, 4]
    assert (
        vocabulary.encode_words(["İ"]) == vocabulary.encode_words([unicodedata.normalize("NFD", "İ".lower())]) != [UNK]
    )


def test_a_vocabulary_comes_back_from_its_state() -> None:
    vocabulary = trained(min_frequency=2, max_size=7, lowercase=True)
    restored = restore_word_tokenizer(vocabulary.state())
    assert isinstance(restored, WordVocabulary)
    assert restored.state() == vocabulary.state()
    assert restored.settings == vocabulary.settings
    assert restored.encode_words(SENTENCES[1]) == vocabulary.encode_words(SENTENCES[1])
    assert restored.split("the cat’s") == [(0, 3), (4, 7), (7, 9)]


def test_the_order_of_sentences_doesnt_matter() -> None:
    other = WordVocabulary()
    other.train_words(SENTENCES[::-1])
    assert other.state() == trained().state()


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"min_frequency": 0}, "min_frequency must be 1 or more, got 0 (set tokenizer.min_frequency)"),
        (
            {"max_size": 4},
            "max_size must be 5 or more, or null, so that a word has an id besides the special tokens, got 4 "
            "(set tokenizer.max_size)",
        ),
    ],
)
def test_impossible_settings(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        WordVocabulary(**changed)


def test_a_state_of_another_rule_or_family_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^a vocabulary's splitting rule must be unicode_words_1, got 'runes'$"):
        restore_word_tokenizer(trained().state() | {"splitting": "runes"})
    with pytest.raises(ValueError, match=r"^a word tokenizer's family must be .*words.*, got 'runes'$"):
        restore_word_tokenizer(trained().state() | {"family": "runes"})


def test_what_is_a_word_tokenizer() -> None:
    assert isinstance(WordVocabulary(), WordTokenizer)
    assert not isinstance(BPETokenizer(vocab_size=300), WordTokenizer)
