"""Pairs of a key and its value, and the question which value a key has."""

import numpy as np

from attnlab.data.language.asked import Symbols, checked_counts, commonest_among, distinct_splits
from attnlab.data.origin import Origin
from attnlab.errors import at_least, between

MARK = "?"


class AssociativeRecall:
    """Each sequence has a dictionary of its own, shows pairs of it, and asks for the value of a key that was shown.

    `k1 v2 k3 v0 k1 v2 ? k3` is answered by `v0`. Keys are drawn with repetition and always have the same value within a
    sequence; keys may share one. The key that is asked for is any of those shown, equally likely. No sequence is in two
    splits, or twice in one. Nothing of it depends on the run's seed. (Fu et al., 2023, section 3.1; their vocabulary of
    10 is 4 keys, 4 values, the mark and a symbol that never occurs.)

    Args:
        length: symbols of a sequence without its answer: two a pair, repeated ones counted, and two of the question.
        num_keys, num_values: symbols of either kind.
        num_train, num_val, num_test: sequences.
        data_seed: of all of it.

    Raises:
        ValueError: a number out of its range, or a length that isn't even.
    """

    origin = Origin.MADE_UP

    def __init__(
        self,
        *,
        length: int = 22,
        num_keys: int = 4,
        num_values: int = 4,
        num_train: int = 5000,
        num_val: int = 500,
        num_test: int = 500,
        data_seed: int = 0,
    ) -> None:
        between(4, 10_000, "data", context_length=length)
        if length % 2:
            raise ValueError(
                f"context_length must be even: two symbols a pair, and two of the question, got {length} "
                "(set data.context_length)"
            )
        between(1, 1000, "data.sequences", num_keys=num_keys)
        between(2, 1000, "data.sequences", num_values=num_values)
        at_least(0, "data.sequences", data_seed=data_seed)
        self.length, self.num_keys, self.num_values = length, num_keys, num_values
        self.counts = checked_counts(length=length + 1, num_train=num_train, num_val=num_val, num_test=num_test)
        self.data_seed = data_seed
        self.symbols = [*(f"k{key}" for key in range(num_keys)), *(f"v{value}" for value in range(num_values)), MARK]
        self.chance = 1 / num_values

    def read(self) -> dict[str, Symbols]:
        return distinct_splits(self._drawn, self.counts, data_seed=self.data_seed)

    def commonest(self, questions: Symbols) -> Symbols:
        return commonest_among(questions, range(self.num_keys, self.num_keys + self.num_values))

    def _drawn(self, random: np.random.Generator, count: int) -> Symbols:
        value_of = self.num_keys + random.integers(self.num_values, size=(count, self.num_keys))
        keys = random.integers(self.num_keys, size=(count, self.length // 2 - 1))
        rows = np.arange(count)
        shown = np.zeros((count, self.num_keys), dtype=bool)
        shown[rows[:, None], keys] = True
        asked = np.where(shown, random.random(shown.shape), -1.0).argmax(1)  # (N,) any of the keys that are shown
        sequences = np.empty((count, self.length + 1), dtype=np.int16)
        sequences[:, 0:-3:2] = keys
        sequences[:, 1:-3:2] = np.take_along_axis(value_of, keys, axis=1)
        sequences[:, -3] = self.num_keys + self.num_values
        sequences[:, -2] = asked
        sequences[:, -1] = value_of[rows, asked]
        return sequences
