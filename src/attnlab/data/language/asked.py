"""Made-up sequences that end in a question, each with its one answer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from attnlab.errors import UserError, between

Symbols = NDArray[np.int16]
SPLITS = ("test", "val", "train")  # in the order in which they are drawn: a larger training set leaves test as it is
ROUND = 1000  # sequences drawn at a time: fewer of a split are the first of more
FEWEST_NEW = 50  # of a round; where there are less, there are too few to choose from
MOST_SYMBOLS = 10**8  # of all sequences together, about 400 MB


class AskedSequences(Protocol):
    """What a set of such sequences provides."""

    symbols: Sequence[str]  # the name of each, by its number
    length: int  # T, of a sequence without its answer
    chance: float  # how often a guess among all possible answers is right, 0-1

    def read(self) -> dict[str, Symbols]:
        """By split, (N, T + 1): the last symbol of a row is the answer.

        Raises:
            UserError: there aren't so many different ones.
        """
        ...

    def commonest(self, questions: Symbols) -> Symbols:
        """(N,) of (N, T): the possible answer that stands most often in each, a guess that looks up nothing."""
        ...


def checked_counts(*, length: int, num_train: int, num_val: int, num_test: int) -> dict[str, int]:
    """Sequences by split.

    Raises:
        ValueError: a number out of its range, or more symbols than memory may be asked to hold.
    """
    between(1, 10**7, "data.sequences", num_train=num_train, num_val=num_val, num_test=num_test)
    if (num_symbols := (num_train + num_val + num_test) * length) > MOST_SYMBOLS:
        raise ValueError(
            f"all sequences together have at most {MOST_SYMBOLS} symbols, got {num_symbols} "
            "(set data.sequences.num_train)"
        )
    return {"train": num_train, "val": num_val, "test": num_test}


def distinct_splits(
    draw: Callable[[np.random.Generator, int], Symbols], counts: Mapping[str, int], *, data_seed: int
) -> dict[str, Symbols]:
    """Sequences by split, none of which is in two splits, or twice in one; `draw(random, N)` gives (N, T + 1).

    Raises:
        UserError: there aren't so many different ones.
    """
    taken: set[bytes] = set()
    found = {
        split: _distinct(draw, counts[split], np.random.default_rng([data_seed, part]), taken)
        for part, split in enumerate(SPLITS)
    }
    return {split: found[split] for split in counts}


def _distinct(
    draw: Callable[[np.random.Generator, int], Symbols], count: int, random: np.random.Generator, taken: set[bytes]
) -> Symbols:
    found: list[Symbols] = []
    while len(found) < count:
        before = len(found)
        for sequence in draw(random, ROUND):
            if (name := sequence.tobytes()) not in taken and len(found) < count:
                taken.add(name)
                found.append(sequence)
        if len(found) < count and len(found) - before < FEWEST_NEW:
            raise UserError(
                f"there must be sequences enough to choose from, got {len(found)} different ones of {count} "
                "(set data.sequences.num_train lower, or more symbols)"
            )
    return np.stack(found)


def commonest_among(questions: Symbols, possible: range) -> Symbols:
    """(N,) of (N, T): of the `possible` symbols that which stands most often in each, the first of equals."""
    most = np.empty(len(questions), dtype=np.int16)
    for start in range(0, len(questions), ROUND):
        part = questions[start : start + ROUND]
        counts = np.zeros((len(part), len(possible)), dtype=np.int64)
        rows, places = np.nonzero((part >= possible.start) & (part < possible.stop))
        np.add.at(counts, (rows, part[rows, places] - possible.start), 1)
        most[start : start + ROUND] = possible.start + counts.argmax(1)
    return most
