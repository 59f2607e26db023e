"""Where words stand in raw text, by each rule; `test_words` has the first one's cases."""

import pytest

from attnlab.data.text.word_splitting import ELISIONS, LETTERS, RULE, is_elision, split_words


def _words(text: str, rule: str) -> list[str]:
    return [text[start:end] for start, end in split_words(text, rule=rule)]


def test_the_first_rule_is_the_default_and_cuts_no_elision() -> None:
    text = "Don't say d'Alsace, aujourd'hui."
    assert split_words(text) == split_words(text, rule=RULE)
    assert _words(text, RULE) == ["Don't", "say", "d'Alsace", ",", "aujourd'hui", "."]


@pytest.mark.parametrize(
    "text, words",
    [
        ("d'Alsace", "d'|Alsace"),
        ("L’Italie", "L’|Italie"),
        ("dell'arte", "dell'|arte"),
        ("jusqu'au", "jusqu'|au"),
        ("aujourd'hui", "aujourd'hui"),
        ("don't O'Brien rock'n'roll dogs'", "don't|O'Brien|rock'n'roll|dogs|'"),
        ("Ann's", "Ann|'s"),
    ],
)
def test_elisions_alone_are_cut(text: str, words: str) -> None:
    assert "|".join(_words(text, ELISIONS)) == words


def test_letters_are_found_one_by_one_with_their_marks() -> None:
    assert _words("e\u0301 新iP1 。", LETTERS) == ["e\u0301", "新", "i", "P", "1", "。"]


def test_an_elision_ends_with_its_apostrophe() -> None:
    assert all(map(is_elision, ["l'", "L’", "qu'", "Dell＇"]))
    assert not any(map(is_elision, ["l", "'", "l'a", "can'", "o'"]))


def test_a_rule_that_is_none() -> None:
    with pytest.raises(ValueError, match=r"^a rule of splitting must be one of .+, got 'x'$"):
        split_words("a", rule="x")
