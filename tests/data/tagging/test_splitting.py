"""The rule of splitting raw text is told from training's own words."""

import pytest

from attnlab.data import TaggedText
from attnlab.data.tagging.splitting import learned_rule, num_split_otherwise
from attnlab.data.text.word_splitting import ELISIONS, LETTERS, RULE


def _text(*words: str) -> TaggedText:
    offsets, position = [], 0
    for word in words:
        offsets.append((position, position + len(word)))
        position += len(word) + 1
    return TaggedText(" ".join(words), offsets, list(words), ["O"] * len(words))


@pytest.mark.parametrize(
    "words, rule",
    [
        ([*"新款iPhone13在2021年上市。"], LETTERS),
        (["新", "款", "iPhone13", "在", "2021", "年", *"上市中国" * 20], RULE),  # Latin words whole, if few
        ([*"王明用手机打电话。"], RULE),  # nothing tells them apart
        (["I", "saw", "a", "b"], RULE),
        (["Elle", "vient", "d'", "Alsace", "et", "l’", "Espagne", "aujourd'hui"], ELISIONS),
        (["Elle", "vient", "d'Alsace", "ou", "l'", "Espagne"], RULE),
        (["Don't", "O'Brien", "rock'n'roll", "dogs", "'", "D'Arcy"], RULE),
    ],
)
def test_the_rule_is_that_of_the_words(words: list[str], rule: str) -> None:
    assert learned_rule([_text(*words)]) == rule
    if rule != RULE:
        assert num_split_otherwise([_text(*words)], rule) == 0


def test_words_that_raw_text_wont_give_are_counted() -> None:
    assert num_split_otherwise([_text("北京", "大学", "的", "ca", "n't", "U.S.")], RULE) == 3
