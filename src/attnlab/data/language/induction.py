"""Symbols among which a mark stands, and the question what came after the mark."""

import numpy as np

from attnlab.data.language.asked import Symbols, checked_counts, commonest_among, distinct_splits
from attnlab.data.origin import Origin
from attnlab.errors import at_least, between

MARK = "?"


class Induction:
    """A mark replaces one symbol of a sequence drawn at random and comes again at its end: what came after it?

    `s4 s1 ? s7 s0 s2 ?` is answered by `s7`: the pattern of an induction head, to find an earlier occurrence of the
    present symbol and to say what followed. No sequence is in two splits, or twice in one. Nothing of it depends on the
    run's seed. (Fu et al., 2023, section 3.1; their vocabulary of 20 is 18 symbols, the mark and a symbol that never
    occurs.)

    Args:
        length: symbols of a sequence without its answer: those that are drawn, and the mark at the end.
        num_symbols: that are drawn, each equally likely; the mark besides.
        num_train, num_val, num_test: sequences.
        data_seed: of all of it.

    Raises:
        ValueError: a number out of its range.
    """

    origin = Origin.MADE_UP

    def __init__(
        self,
        *,
        length: int = 31,
        num_symbols: int = 18,
        num_train: int = 5000,
        num_val: int = 500,
        num_test: int = 500,
        data_seed: int = 0,
    ) -> None:
        between(4, 10_000, "data", context_length=length)
        between(2, 1000, "data.sequences", num_symbols=num_symbols)
        at_least(0, "data.sequences", data_seed=data_seed)
        self.length, self.num_symbols = length, num_symbols
        self.counts = checked_counts(length=length + 1, num_train=num_train, num_val=num_val, num_test=num_test)
        self.data_seed = data_seed
        self.symbols = [*(f"s{symbol}" for symbol in range(num_symbols)), MARK]
        self.chance = 1 / num_symbols

    def read(self) -> dict[str, Symbols]:
        return distinct_splits(self._drawn, self.counts, data_seed=self.data_seed)

    def commonest(self, questions: Symbols) -> Symbols:
        return commonest_among(questions, range(self.num_symbols))

    def _drawn(self, random: np.random.Generator, count: int) -> Symbols:
        rows = np.arange(count)
        sequences = np.empty((count, self.length + 1), dtype=np.int16)
        sequences[:, :-2] = random.integers(self.num_symbols, size=(count, self.length - 1))
        place = random.integers(self.length - 3, size=count)  # as published: never the last two
        sequences[rows, place] = sequences[:, -2] = self.num_symbols
        sequences[:, -1] = sequences[rows, place + 1]
        return sequences
