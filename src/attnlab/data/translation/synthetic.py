"""Sentences of a made-up language and their translations, word by word and in another order."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from attnlab.data.origin import Origin
from attnlab.data.translation.corpora import SPLITS, ParallelTexts
from attnlab.errors import at_least, between
from attnlab.reading.data_root import check_no_files

MOST_ATTRIBUTES = 2  # of a thing
SYLLABLES = {"source": ("ptkmns", "aeiou"), "target": ("bdgvzr", "aeiou")}
MOST_WORDS = 900  # two syllables each


class _Pair(NamedTuple):
    """Words of the source by their numbers, and for each word of the target the place of that which it translates."""

    words: tuple[int, ...]
    alignment: tuple[int, ...]


class SyntheticTranslation:
    """Made up, so that it is known which word translates which.

    Words are things and attributes. A sentence is of phrases, each up to two attributes and their thing; its
    translation has the same phrases word for word, but the thing first and then its attributes from the last to the
    first: `paso keni moti` with two attributes is `zaru bego dadi` of `moti keni paso`. No source is in two splits, or
    twice in one. Nothing of it depends on the run's seed. The language codes only name the sides.

    Args:
        num_things, num_attributes: words of either kind in each language.
        max_phrases: in a sentence; each number from 1 on is equally likely.
        num_train, num_val, num_test: sentence pairs.
        text_seed: of the lexicon and the sentences.

    Raises:
        ValueError: a number out of its range, or more sentences than there are different ones to choose from.
    """

    origin = Origin.MADE_UP

    def __init__(
        self,
        *,
        num_things: int = 30,
        num_attributes: int = 20,
        max_phrases: int = 4,
        num_train: int = 6000,
        num_val: int = 300,
        num_test: int = 500,
        text_seed: int = 0,
    ) -> None:
        at_least(1, "data.corpus", num_things=num_things, num_attributes=num_attributes)
        between(1, 100, "data.corpus", max_phrases=max_phrases)
        between(1, 10**6, "data.corpus", num_train=num_train, num_val=num_val, num_test=num_test)
        at_least(0, "data.corpus", text_seed=text_seed)
        if num_things + num_attributes > MOST_WORDS:
            raise ValueError(
                f"a language has at most {MOST_WORDS} words, got {num_things + num_attributes} "
                "(set data.corpus.num_things or data.corpus.num_attributes)"
            )
        self.num_things, self.num_attributes, self.max_phrases = num_things, num_attributes, max_phrases
        self.counts = dict(zip(SPLITS, (num_train, num_val, num_test), strict=True))
        self.text_seed = text_seed
        phrases = num_things * sum(num_attributes**number for number in range(MOST_ATTRIBUTES + 1))
        # A third of them may be drawn over and over: of the shortest sentences there are few.
        if 3 * sum(self.counts.values()) > phrases**max_phrases:
            raise ValueError(
                f"there must be sentences enough to choose from, got {sum(self.counts.values())} of "
                f"{phrases**max_phrases} (set data.corpus.num_train, num_things or max_phrases)"
            )

    def read(self, source: str, target: str, *, root: Path | None, cache_dir: Path) -> dict[str, ParallelTexts]:
        check_no_files(root)
        return {
            split: ParallelTexts(
                [" ".join(self._words["source"][word] for word in pair.words) for pair in pairs],
                [" ".join(self._words["target"][pair.words[place]] for place in pair.alignment) for pair in pairs],
            )
            for split, pairs in self._pairs.items()
        }

    def alignment(self, split: str, number: int) -> Sequence[int]:
        return self._pairs[split][number].alignment

    @cached_property
    def _words(self) -> dict[str, list[str]]:
        """Of each language; a word and its translation have one number, things come first."""
        random = np.random.default_rng([self.text_seed, 1])
        words = {}
        for side, (consonants, vowels) in SYLLABLES.items():
            syllables = ["".join(letters) for letters in product(consonants, vowels)]
            possible = ["".join(pair) for pair in product(syllables, repeat=2)]
            chosen = random.permutation(len(possible))[: self.num_things + self.num_attributes]
            words[side] = [possible[place] for place in chosen]
        return words

    @cached_property
    def _pairs(self) -> dict[str, list[_Pair]]:
        random = np.random.default_rng([self.text_seed, 2])
        found: dict[tuple[int, ...], _Pair] = {}
        while len(found) < sum(self.counts.values()):
            pair = self._pair(random)
            found.setdefault(pair.words, pair)
        pairs: Iterator[_Pair] = iter(found.values())
        return {split: [next(pairs) for _ in range(count)] for split, count in self.counts.items()}

    def _pair(self, random: np.random.Generator) -> _Pair:
        words: list[int] = []
        alignment: list[int] = []
        for _ in range(random.integers(1, self.max_phrases + 1)):
            start, num_attributes = len(words), int(random.integers(MOST_ATTRIBUTES + 1))
            attributes = self.num_things + random.integers(self.num_attributes, size=num_attributes)
            words += [*attributes.tolist(), int(random.integers(self.num_things))]
            alignment += range(start + num_attributes, start - 1, -1)
        return _Pair(tuple(words), tuple(alignment))
