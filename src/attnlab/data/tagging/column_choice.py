"""Which column of a file in columns holds the words and which the labels, told from what stands in them."""

import logging
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from attnlab.data.tagging.label_schemes import LABEL
from attnlab.errors import UserError

log = logging.getLogger(__name__)

Rows = Sequence[Sequence[Sequence[str]]]  # the fields of each line of each sentence

MOST = 0.9  # of a column's values, for it to be taken for what they are: a few may be mistyped
NUMBER = re.compile(r"[\W_]*\d[\d\W_]*")
DIGIT = re.compile(r"\d")
# CoNLL-2000's: a column of these is of phrases, not of names.
PHRASES = frozenset({"ADJP", "ADVP", "CONJP", "INTJ", "LST", "NP", "PP", "PRT", "SBAR", "UCP", "VP"})


def choose_label_column(rows: Rows, columns: Sequence[int], *, path: Path) -> int:
    """Of these columns, the one whose values are labels of some scheme.

    Where several are: one with types that aren't phrases' (NP, VP) before one with phrases, and before one that is
    all O; of like ones, the last. That there are several is logged as a warning.

    Raises:
        UserError: no such column.
    """
    found = [column for column in columns if _labelled(rows, column)]
    if not found:
        raise UserError(
            f"a column must hold labels such as B-PER, got none that does in {path} "
            "(set data.corpus.label_column, or data.corpus.scheme=io for labels without letters)"
        )
    taken = max(found, key=lambda column: (_kind_of_labels(rows, column), column))
    if len(found) > 1:
        log.warning(
            "columns %s of %s look like labels: column %d is taken (set data.corpus.label_column)",
            ", ".join(map(str, found)),
            path,
            taken,
        )
    return taken


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


def _values(rows: Rows, column: int) -> list[str]:
    return [fields[column] for sentence in rows for fields in sentence]


def _share(rows: Rows, column: int, holds: Callable[[str], bool]) -> float:
    values = _values(rows, column)
    return sum(map(holds, values)) / len(values)


def _labelled(rows: Rows, column: int) -> bool:
    return _share(rows, column, lambda value: LABEL.fullmatch(value) is not None) >= MOST


def _kind_of_labels(rows: Rows, column: int) -> int:
    """2 for names, 1 for phrases, 0 for labels that are all O."""
    matches = [match for match in map(LABEL.fullmatch, _values(rows, column)) if match is not None and match[1]]
    if not matches:
        return 0
    return 1 if sum(match[2] in PHRASES for match in matches) >= MOST * len(matches) else 2


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
