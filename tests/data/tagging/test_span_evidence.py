"""What marks show of units and rules: a wrong unit never passes for a rule, nor one mistake for a habit."""

import pytest

from attnlab.data.tagging.annotations import Annotated, Mark
from attnlab.data.tagging.span_evidence import check_unit, shown_rule, undecided
from attnlab.data.text.word_splitting import ELISIONS, LETTERS, RULE
from attnlab.errors import UserError


def _marked(text: str, *bounds: tuple[int, int], stated: str | None = None) -> Annotated:
    return Annotated("line 1 of FILE", text, [Mark(*each, "PROD", stated) for each in bounds])


def test_a_unit_that_fits_whole_words_is_named_though_letters_would_fit_any() -> None:
    marked = _marked("😀我们在商店买了Mate60手机送给妈妈", (9, 15))
    with pytest.raises(UserError, match=r"^offsets must count code points, got UTF-16 code units, .+offsets=utf16\)$"):
        check_unit([marked] * 5)


def test_what_no_word_decides_is_undecided() -> None:
    assert undecided([_marked("😀王明在京", (2, 4))]) == ("utf16", 1)
    assert undecided([_marked("😀王明在京", (1, 3), stated="王明")]) is None
    assert undecided([_marked("😀王明在京", (2, 4)), _marked("😀 Ann met", (2, 5))]) is None
    assert undecided([_marked("王明在京", (0, 2))]) is None


WHOLE, CUT = _marked("苹果今天在北京发布iPhone13手机", (9, 17)), _marked("苹果今天在北京发布iPhone13手机", (9, 16))
ELIDED = _marked("Elle vient d'Alsace.", (13, 19))


@pytest.mark.parametrize(
    "marked, rule",
    [
        ([*[WHOLE] * 50, CUT], RULE),
        ([*[WHOLE] * 2, CUT], LETTERS),
        ([*[_marked("A man whom they met in the town saw Ann", (36, 39))] * 50, ELIDED], RULE),
        ([*[_marked("Elle vient de Paris", (14, 19))] * 9, ELIDED], ELISIONS),
    ],
)
def test_one_mistake_changes_no_rule(marked: list[Annotated], rule: str) -> None:
    assert shown_rule(marked, "characters") == rule
