"""Which column of a file in columns holds the words and which the labels, told from what stands in them."""

import logging
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from attnlab.data.tagging.label_schemes import OUTSIDE
from attnlab.data.tagging.written_labels import is_bracketed, is_label, is_small_label, is_suffixed, type_of
from attnlab.errors import UserError

log = logging.getLogger(__name__)

Rows = Sequence[Sequence[Sequence[str]]]  # the fields of each line of each sentence

MOST = 0.9  # of a column's values, for it to be taken for what they are: a few may be mistyped
NUMBER = re.compile(r"[\W_]*\d[\d\W_]*")
DIGIT = re.compile(r"\d")
# CoNLL-2000's: a column of these is of phrases, not of names.
PHRASES = frozenset({"ADJP", "ADVP", "CONJP", "INTJ", "LST", "NP", "PP", "PRT", "S", "SBAR", "UCP", "VP"})
ROLE = re.compile(r"(?:[CR]-)?(?:V|ARG\w+(?:-\w+)?)")  # of OntoNotes' predicates


def choose_label_column(rows: Rows, columns: Sequence[int], *, path: Path) -> int:
    """Of these columns, the one whose values are labels of some scheme; in another writing, if none plainly.

    Where several are: one with types that aren't phrases' (NP, VP) before one with phrases, and before one that is
    all O; of like ones, the one with most labels that aren't O, or the first. That there are several is logged as a
    warning.

    Raises:
        UserError: no such column.
    """
    found = [column for column in columns if _labelled(rows, column)]
    found = found or [column for column in columns if _labelled_otherwise(rows, column)]
    found = found or [column for column in columns if _labelled_mostly(rows, column)]
    if not found:
        raise _none_labelled(rows, columns, path)
    taken = max(found, key=lambda column: (_kind_of_labels(rows, column), _num_typed(rows, column), -column))
    if len(found) > 1:
        log.warning(
            "columns %s of %s look like labels: column %d is taken (set data.corpus.label_column)",
            ", ".join(map(str, found)),
            path,
            taken,
        )
    return taken


def _none_labelled(rows: Rows, columns: Sequence[int], path: Path) -> UserError:
    typed = {column: sum(type_of(value) is not None for value in _values(rows, column)) for column in columns}
    most = max(typed, key=typed.__getitem__, default=-1)
    if columns and OUTSIDE in _values(rows, columns[-1]) and not typed[columns[-1]]:
        cure = "set data.corpus.label_column, or data.corpus.scheme=io for labels without letters"
    elif typed.get(most) and (others := Counter(value for value in _values(rows, most) if not is_label(value))):
        (other, _), *_ = others.most_common(1)
        return UserError(
            f"words outside of entities must have the label O, got {other!r} most often in column {most} of {path} "
            "(write O in its place, or set data.corpus.label_column)"
        )
    else:
        cure = "set data.corpus.label_column"
    return UserError(f"a column must hold labels such as B-PER, got none that does in {path} ({cure})")


def choose_word_column(rows: Rows, columns: Sequence[int], *, path: Path) -> int:
    """Of these columns, the one that reads like words: with most different values, as parts of speech are few.

    Never one of labels. Where there is a choice, none of numbers, none that is the same throughout each sentence (the
    document's name), and none of identifiers (most values have a digit) if another has small letters, or letters of a
    script without small ones. These decide between columns with equally many different values, too.

    Raises:
        UserError: no column stands out.
    """
    unlabelled = [column for column in columns if not _labelled(rows, column)]
    if not unlabelled:
        raise UserError(
            f"a column must hold words, got only labels in {path} "
            "(set data.corpus.word_column and data.corpus.label_column)"
        )
    if len(unlabelled) == 1:
        return unlabelled[0]
    left = [each for each in unlabelled if not _constant(rows, each) and _share(rows, each, _is_number) < MOST]
    named = [column for column in left if _share(rows, column, _has_digit) < MOST]
    if any(_share(rows, column, _has_small_letter) > 0 for column in named):
        left = named
    ranks = {column: _rank(rows, column) for column in left}
    best = [column for column in left if ranks[column] == max(ranks.values())]
    if len(best) != 1 or (len(left) > 1 and best[0] not in named):
        got = ", ".join(map(str, left or unlabelled))
        raise UserError(
            f"one column must read like words, got none that stands out of columns {got} of {path} "
            "(set data.corpus.word_column)"
        )
    return best[0]


def warn_of_word_column(rows: Rows, column: int, columns: Sequence[int], *, path: Path) -> None:
    """Say that a column named for the words holds what `choose_word_column` would pass over for another of them."""
    kinds: dict[str, bool] = {
        "labels": _labelled(rows, column),
        "numbers": _share(rows, column, _is_number) >= MOST,
        "the same throughout each sentence": _constant(rows, column),
        "identifiers": _share(rows, column, _has_digit) >= MOST,
    }
    what = next((kind for kind, is_so in kinds.items() if is_so), None)
    if what is None:
        return
    try:
        better = choose_word_column(rows, columns, path=path)
    except UserError:  # no other reads like words
        return
    if better != column:
        log.warning(
            "words must be words, got %s in column %d of %s, where column %d reads like words (set "
            "data.corpus.word_column=%d)",
            *(what, column, path, better, better),
        )


def _values(rows: Rows, column: int) -> list[str]:
    return [fields[column] for sentence in rows for fields in sentence]


def _share(rows: Rows, column: int, holds: Callable[[str], bool]) -> float:
    values = _values(rows, column)
    return sum(map(holds, values)) / len(values)


def _labelled(rows: Rows, column: int) -> bool:
    return _share(rows, column, is_label) >= MOST


def _labelled_mostly(rows: Rows, column: int) -> bool:
    """Where a file is so small that one label mistyped is many: whoever reads it names the line."""
    others = Counter(value for value in _values(rows, column) if not is_label(value))
    typed = [value for value in _values(rows, column) if is_label(value) and value != OUTSIDE]
    return 0 < len(others) == others.total() < len(typed) and OUTSIDE in _values(rows, column)


def _labelled_otherwise(rows: Rows, column: int) -> bool:
    """Only with a type somewhere: single small letters, or stars, may be anything."""
    in_any_case = _share(rows, column, lambda value: is_label(value) or is_small_label(value))
    behind = _share(rows, column, lambda value: value == OUTSIDE or is_suffixed(value))
    return max(in_any_case, behind, _share(rows, column, is_bracketed)) >= MOST and _num_typed(rows, column) > 0


def _num_typed(rows: Rows, column: int) -> int:
    """Words whose label isn't O."""
    return sum((is_label(value) and value != OUTSIDE) or type_of(value) is not None for value in _values(rows, column))


def _kind_of_labels(rows: Rows, column: int) -> int:
    """2 for names, 1 for phrases and roles, 0 for labels that are all O."""
    labels = [value for value in _values(rows, column) if is_label(value) or type_of(value) is not None]
    types = [type_of(value) for value in labels if value != OUTSIDE]
    if not types:
        return 0
    other = sum(each is not None and (each in PHRASES or ROLE.fullmatch(each) is not None) for each in types)
    return 1 if other >= MOST * len(types) else 2


def _constant(rows: Rows, column: int) -> bool:
    """Whether the same stands throughout each sentence, as far as there is a sentence of several words."""
    longer = [sentence for sentence in rows if len(sentence) > 1]
    return bool(longer) and all(len({fields[column] for fields in sentence}) == 1 for sentence in longer)


def _rank(rows: Rows, column: int) -> tuple[int, float]:
    return len(set(_values(rows, column))), _share(rows, column, _has_small_letter)


def _is_number(value: str) -> bool:
    return NUMBER.fullmatch(value) is not None


def _has_digit(value: str) -> bool:
    return DIGIT.search(value) is not None


def _has_small_letter(value: str) -> bool:
    """Parts of speech have none: NNP, PROPN."""
    return any(each.isalpha() and not each.isupper() for each in value)
