"""What is cut off at an apostrophe is what a corpus cuts off, in whatever language."""

import pytest

from attnlab.data.tagging.apostrophes import with_forms_of_cuts, with_forms_of_words
from attnlab.data.text.word_splitting import ELISIONS, RULE, split_words


def _cut(text: str, rule: str) -> str:
    return "|".join(text[start:end] for start, end in split_words(text, rule=rule))


@pytest.mark.parametrize(
    "words, text, cut",
    [
        (
            "presqu' île Presqu’ île quelqu' un quelqu' une aujourd'hui",
            "Presqu'île, aujourd’hui",
            "Presqu'|île|,|aujourd’hui",
        ),
        ("Ankara 'da Van 'da O'Brien", "İzmir’DA O'Brien 'da", "İzmir|’DA|O'Brien|'|da"),
        ("they 'll we 'll don't", "You'll don't; Ann's", "You|'ll|don't|;|Ann|'s"),
        ("they 'll", "You'll", "You'll"),  # once may be a mistake
        ("they'll we'll you'll they 'll we 'll", "You'll", "You'll"),
        ("dogs cats", "d'Alsace", "d'Alsace"),
    ],
)
def test_words_of_a_corpus_show_what_stands_apart(words: str, text: str, cut: str) -> None:
    assert _cut(text, with_forms_of_words(RULE, words.split())) == cut


def test_words_with_a_quotation_mark_are_no_habit() -> None:
    assert with_forms_of_words(RULE, [*["'I", "'I"], *["word"] * 2000]) == RULE


def test_a_rule_that_cuts_them_already_stays() -> None:
    assert with_forms_of_words(ELISIONS, ["l'", "l'", "d'", "d'", "'s", "'s"]) == ELISIONS


@pytest.mark.parametrize(
    "text, entity, num, other, cut",
    [
        ("Ankara'da", "Ankara", 2, "Van'da O'Hara", "Van|'da|O'Hara"),
        ("la presqu'Isle", "Isle", 2, "Presqu'une", "Presqu'|une"),
        ("Ankara'da", "Ankara", 1, "Van'da", "Van'da"),
        ("Ankara'da", "Ankara'da", 9, "Van'da", "Van'da"),
    ],
)
def test_marks_show_it_too(text: str, entity: str, num: int, other: str, cut: str) -> None:
    start = text.index(entity)
    assert _cut(other, with_forms_of_cuts(RULE, [(text, [(start, start + len(entity))])] * num)) == cut


def test_a_learned_rule_is_known_again_and_a_wrong_one_refused() -> None:
    rule = with_forms_of_words(RULE, ["Van", "'da"] * 2)
    assert rule == f"{RULE}+apostrophes_1:'da"
    for wrong in (f"{RULE}+apostrophes_1:", f"{RULE}+apostrophes_1:(a", "letters_1+apostrophes_1:'a"):
        with pytest.raises(ValueError, match=r"^a rule of splitting must be one of "):
            split_words("a", rule=wrong)
