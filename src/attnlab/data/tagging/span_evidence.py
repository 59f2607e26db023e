"""What the marks of a whole file show: which unit their offsets count, and which rule finds the words they hold."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from attnlab.data.tagging.annotations import Annotated, Mark, error
from attnlab.data.tagging.apostrophes import with_forms_of_cuts
from attnlab.data.tagging.corpora import Offsets
from attnlab.data.tagging.offset_units import UNITS, Places, bounds
from attnlab.data.text.word_splitting import ELISIONS, LETTERS, RULE, is_elision, split_words

MOSTLY = 0.8  # of a corpus's words, for them to be of one letter each
CLEARLY = 0.2  # of the marks at a longer word, for their cuts to be meant: fewer are mistakes
ELIDED = 0.01  # of words: French has 4 elisions in 100, an English name now and then

Split = Callable[[str], Offsets]


def shown_rule(annotated: Sequence[Annotated], unit: str) -> str:
    """The rule of `split_words` by which most marks are whole words; `RULE` unless many show another.

    `LETTERS` where texts are mostly of words of one letter each, as Chinese ones are, and of the marks that begin or
    end at a longer word `CLEARLY` cut it. `ELISIONS` where more marks are whole by it than stop to be, and elisions
    aren't rare. Either of the last two with what marks cut off at other apostrophes.
    """
    if _cuts_letters(annotated, unit):
        return LETTERS
    words = [each.text[start:end] for each in annotated for start, end in split_words(each.text, rule=ELISIONS)]
    elided = sum(map(is_elision, words)) >= ELIDED * len(words)
    rule = max([RULE, *([ELISIONS] if elided else [])], key=lambda rule: _num_whole(annotated, unit, _by(rule)))
    return with_forms_of_cuts(rule, ((each.text, list(_standing(each, unit))) for each in annotated))


def check_unit(annotated: Sequence[Annotated]) -> None:
    """UserError where the offsets, by another unit, mark more whole words than by code points.

    Never by `LETTERS`, where every offset is a word's.
    """
    whole = {unit: _num_by_words(annotated, unit) for unit in _likely_units(annotated)}
    best = max(whole, key=lambda unit: whole[unit])
    if whole[best] > whole["characters"]:
        odd = next(each for each in annotated if _num_by_words([each], best) > _num_by_words([each], "characters"))
        what = f"offsets must count code points, got {UNITS[best][0]}, by which more entities are whole words, as"
        raise error(what, odd.place, f"data.corpus.offsets={best}")


def undecided(annotated: Sequence[Annotated]) -> tuple[str, int] | None:
    """Another unit by which as many marks are whole words as by code points, and how many marks it moves; or None."""
    texts = [each for each in annotated if each.marks and not each.text.isascii()]
    for unit in _likely_units(texts):
        moved = [each._replace(marks=marks) for each in texts if (marks := _moved(each, unit))]
        if moved and _num_by_words(moved, unit) == _num_by_words(moved, "characters") > 0:
            return unit, sum(len(each.marks) for each in moved)
    return None


def _likely_units(annotated: Sequence[Annotated]) -> list[str]:
    """All but bytes where each letter is a word, of three bytes mostly, and yet no offset is beyond the letters."""
    num_marks = sum(len(each.marks) for each in annotated)
    within = sum(len(list(_standing(each, "characters"))) for each in annotated) == num_marks
    return [unit for unit in UNITS if unit != "bytes" or not (within and _mostly_letters(annotated))]


def _moved(annotated: Annotated, unit: str) -> list[Mark]:
    """The marks that stand elsewhere by this unit than by code points."""
    places = Places(annotated.text, unit)
    return [each for each in annotated.marks if bounds(each.start, each.end, places) != (each.start, each.end)]


def _num_by_words(annotated: Sequence[Annotated], unit: str) -> int:
    """Whole marks in texts whose units differ, by the better of the rules that keep words together."""
    telling = [each for each in annotated if each.marks and not each.text.isascii()]
    return max(_num_whole(telling, unit, _by(rule)) for rule in (RULE, ELISIONS))


def _num_whole(annotated: Iterable[Annotated], unit: str, split: Split) -> int:
    """Marks that begin and end with a word and, where they state their text, have it."""
    count = 0
    for each in annotated:
        offsets = split(each.text)
        starts, ends = {start for start, _ in offsets}, {end for _, end in offsets}
        count += sum(start in starts and end in ends for start, end in _standing(each, unit))
    return count


def _standing(annotated: Annotated, unit: str) -> Iterator[tuple[int, int]]:
    """The code points of the marks that stand in the text, and as they state."""
    places = Places(annotated.text, unit)
    for mark in annotated.marks:
        stands = bounds(mark.start, mark.end, places)
        if stands is not None and mark.stated in (None, annotated.text[slice(*stands)]):
            yield stands


def _cuts_letters(annotated: Sequence[Annotated], unit: str) -> bool:
    """Whether texts are mostly of words of one letter, and marks clearly cut the longer ones."""
    if not _mostly_letters(annotated):
        return False
    cut = kept = 0
    for each in annotated:
        longer = [word for word in split_words(each.text) if word[1] - word[0] > 1]
        for start, end in _standing(each, unit):
            cuts = any(first < start < last or first < end < last for first, last in longer)
            cut += cuts
            kept += not cuts and any(start == first or end == last for first, last in longer)
    return cut > 0 and cut >= CLEARLY * (cut + kept)


def _mostly_letters(annotated: Iterable[Annotated]) -> bool:
    sizes = [end - start for each in annotated for start, end in split_words(each.text)]
    return sum(size == 1 for size in sizes) >= MOSTLY * len(sizes)


def _by(rule: str) -> Split:
    return lambda text: split_words(text, rule=rule)
