"""Which words a corpus cuts at their apostrophes, told from those that it cut: `presqu'`, `'da`, `'ll`."""

from collections import Counter
from collections.abc import Iterable, Sequence

from attnlab.data.text.word_splitting import APOSTROPHES, ELISIONS, is_form, split_words, with_apostrophes

OFTEN = 2  # times that a form stands apart: one may be a mistake
RARE = 0.002  # of words: fewer are quotations
MOST_FORMS = 500  # Turkish has some 200; more are words in quotation marks


def with_forms_of_words(rule: str, words: Iterable[str]) -> str:
    """A rule that also cuts off what stands apart among these words, and isn't oftener part of longer ones.

    Unless it is one of elisions, as long as that isn't rare: words may have kept a quotation mark.
    """
    apart, within, num_words = Counter[str](), Counter[str](), 0
    for word in words:
        num_words += 1
        if is_form(word):
            apart[_plain(word)] += 1
        else:
            within.update(_forms_in(word))
    return _with(rule, apart, within, least=0 if rule == ELISIONS else RARE * num_words)


def with_forms_of_cuts(rule: str, texts: Iterable[tuple[str, Sequence[tuple[int, int]]]]) -> str:
    """A rule that also cuts off what texts have beside their marks, and isn't oftener within one."""
    apart, within = Counter[str](), Counter[str]()
    for text, marks in texts:
        words = split_words(text, rule=rule) if any(each in text for each in APOSTROPHES) else []
        for first, last in words:
            for start, end in marks:
                if start <= first and last <= end:
                    within.update(_forms_in(text[first:last]))
                beside = (
                    text[first:start] if first < start < last else "",
                    text[end:last] if first < end < last else "",
                )
                apart.update(_plain(form) for form in beside if is_form(form))
    return _with(rule, apart, within)


def _with(rule: str, apart: Counter[str], within: Counter[str], *, least: float = 0) -> str:
    kept = [
        form
        for form, count in apart.most_common(MOST_FORMS)
        if count >= OFTEN and count > within[form] and _would_join(form, rule)
    ]
    return with_apostrophes(rule, kept) if kept and sum(apart[form] for form in kept) >= least else rule


def _forms_in(word: str) -> list[str]:
    """What a longer word begins and ends with, up to its apostrophes."""
    plain = _plain(word)
    head, mark, tail = plain[:-1].partition("'")[0], "'", plain[1:].rpartition("'")[2]
    inner = "'" in plain[1:-1]
    return [each for each in (head + mark, mark + tail) if is_form(each)] if inner else []


def _would_join(form: str, rule: str) -> bool:
    """Whether the rule makes one word of the form and what it is cut off from."""
    whole = f"{form}a" if form.endswith("'") else f"a{form}"
    return len(split_words(whole, rule=rule)) == 1


def _plain(word: str) -> str:
    """In small letters, with the apostrophe of typewriters."""
    for each in APOSTROPHES:
        word = word.replace(each, "'")
    return word.lower()
