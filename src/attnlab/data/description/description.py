"""The numbers that say what a data set is; plain values."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from attnlab.data.loading.batching import Ints
from attnlab.data.text.tokenizers import Tokenizer
from attnlab.models.special_tokens import SPECIAL_TOKENS, UNK

LONG = 95  # per cent of the examples are at most so long
Fate = Literal["cut", "left out", "read in parts"]


class Limit(NamedTuple):
    """The most that a key allows, how many exceed it, and what becomes of them."""

    key: str
    most: int
    over: int
    fate: Fate


@dataclass(frozen=True, kw_only=True)
class Lengths:
    """How long the examples of a split are, or another number of each, in a unit."""

    of: str
    unit: str
    smallest: float
    median: float
    long: float
    largest: float
    limit: Limit | None = None


class Pieces(NamedTuple):
    """Of all ids of a text: those that stand for what the vocabulary lacks, and those that are no whole character."""

    total: int
    unknown: int
    bytes: int


class Doubles(NamedTuple):
    """How many examples of `split` stand in `also_in`, too; in itself: how many stand there again."""

    split: str
    also_in: str
    examples: int


@dataclass(frozen=True, kw_only=True)
class SplitNumbers:
    """A split.

    Attributes:
        counts: of examples and what they consist of.
        shares: by what is counted (classes, labels, entities, boxes), how many are of each kind.
        sizes: of boxes by class, how many are of each size.
        pieces: by side.
    """

    counts: Mapping[str, int]
    lengths: Sequence[Lengths] = ()
    shares: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    sizes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    pieces: Mapping[str, Pieces] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Description:
    """A data set; `vocabularies` by what they are of, with their numbers of ids, `doubles` None: not looked for."""

    splits: Mapping[str, SplitNumbers]
    vocabularies: Mapping[str, int] = field(default_factory=dict)
    doubles: Sequence[Doubles] | None = None


def lengths(of: str, unit: str, values: ArrayLike, limit: Limit | None = None) -> list[Lengths]:
    """Of some numbers, one or none of them."""
    array = np.asarray(values)
    if not array.size:
        return []
    median, long = np.percentile(array, [50, LONG]).tolist()
    smallest, largest = float(array.min()), float(array.max())
    return [Lengths(of=of, unit=unit, smallest=smallest, median=median, long=long, largest=largest, limit=limit)]


def doubles_of(examples: Mapping[str, Sequence[Hashable]]) -> list[Doubles]:
    """Between all splits, and within each; what is equal is the same."""
    found = [Doubles(split, split, len(each) - len(set(each))) for split, each in examples.items()]
    splits = list(examples)
    for place, split in enumerate(splits):
        for earlier in splits[:place]:
            known = set(examples[earlier])
            found.append(Doubles(split, earlier, sum(each in known for each in examples[split])))
    return found


def pieces_of(ids: Ints, tokenizer: Tokenizer) -> Pieces:
    """What the ids of many texts are."""
    counts = np.bincount(ids, minlength=len(tokenizer))
    is_byte = bytes_among(tokenizer)
    used = np.flatnonzero(counts).tolist()
    return Pieces(int(counts.sum()), int(counts[UNK]), sum(int(counts[each]) for each in used if is_byte(each)))


def spread_over(rows: Ints, num: int) -> Ints:
    """`num` or fewer places of a batch, from its first to its last: batches are sorted by length."""
    return np.unique(np.linspace(0, len(rows) - 1, num).round().astype(np.int64))


def bytes_among(tokenizer: Tokenizer) -> Callable[[int], bool]:
    """Tells which ids of a vocabulary are no whole character by themselves."""
    return lambda each: each >= len(SPECIAL_TOKENS) and "\ufffd" in tokenizer.decode([each])
