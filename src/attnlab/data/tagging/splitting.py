"""By which rule raw text is to be split so that its words are like those of training, told from training."""

from collections.abc import Iterable, Sequence

from attnlab.data.tagging.apostrophes import with_forms_of_words
from attnlab.data.tagging.corpora import TaggedText
from attnlab.data.text.word_splitting import ELISIONS, LETTERS, RULE, is_elision, split_words

ALMOST_ALL = 0.95  # of words, for them to be single letters: a few may be mistyped
ELIDED = 0.002  # of words, from which on a corpus keeps elisions apart: French has 4 in 100, English none
FAMILIAR = 0.9  # of training's words that should come out of raw text


def learned_rule(texts: Sequence[TaggedText]) -> str:
    """The rule that words of a corpus's own were split by, as far as they show it.

    `LETTERS` where almost all words are single letters, those too that `RULE` would keep together (Latin ones, digits);
    `ELISIONS` where elisions are words of their own, more of them than are part of a longer one; else `RULE`. Of the
    last two, with what else the corpus cuts off at apostrophes.
    """
    words = [word for each in texts for word in each.words]
    runs = [word for word in words if word.isalnum() and _would_join(word)]
    if runs and _share_of_letters(words) >= ALMOST_ALL and _share_of_letters(runs) >= ALMOST_ALL:
        return LETTERS
    apart = sum(map(is_elision, words))
    within = sum(is_elision(word[:end]) for word in words if (end := _first_end(word)) < len(word))
    return with_forms_of_words(ELISIONS if apart > max(within, ELIDED * len(words)) else RULE, words)


def num_split_otherwise(texts: Iterable[TaggedText], rule: str) -> int:
    """Of all words, how many the rule doesn't find where they stand in their texts."""
    return sum(len({*each.offsets} - {*split_words(each.text, rule=rule)}) for each in texts)


def _would_join(word: str) -> bool:
    """Whether two of it, side by side, would be one word."""
    return len(split_words(word * 2)) == 1


def _share_of_letters(words: Sequence[str]) -> float:
    return sum(len(split_words(word, rule=LETTERS)) == 1 for word in words) / len(words)


def _first_end(word: str) -> int:
    """Where the first of the words ends that `ELISIONS` makes of it."""
    found = split_words(word, rule=ELISIONS)
    return found[0][1] if found else len(word)
