"""Corpora of sentences whose words carry IOB2 labels, in train, val and test."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, runtime_checkable

from attnlab.data.clusters import Clusters
from attnlab.data.translation.corpora import SPLITS

Offsets = list[tuple[int, int]]


class TaggedText(NamedTuple):
    """A sentence as it stands in the corpus: word i is text[offsets[i][0]:offsets[i][1]], its label valid IOB2."""

    text: str
    offsets: Offsets
    words: list[str]
    labels: list[str]


class TaggedSplits(NamedTuple):
    """Train, val and test; `notes`, plain values, say how they were read: the scheme, what was repaired.

    `warnings`, each a kind and a message, are of what makes scores mean less than they seem to; `clusters`, by split,
    what the sentences stand in, where that is known; `labelled`, where train's labels stand and what to set where all
    are O, for a message.
    """

    texts: dict[str, list[TaggedText]]
    notes: dict[str, Any]
    warnings: Sequence[tuple[str, str]] = ()
    clusters: Mapping[str, Clusters] = MappingProxyType({})
    labelled: str = "in the train split (set data.root)"


def labelled_in(place: str, key: str) -> str:
    """`TaggedSplits.labelled` of a file, whose labels `key` names."""
    return f"in {place} (set {key}, or data.corpus.train to a file with entities)"


@runtime_checkable
class ShowsSplitting(Protocol):
    """A corpus of raw texts that says by which rule they are to be split, unless a trained model does."""

    def splitting(self, *, root: Path | None) -> str:
        """A rule of `split_words`; reads what `read` reads of training."""
        ...


@runtime_checkable
class ReadsLoneTest(Protocol):
    """A corpus of which a trained model can be tested on a test file that lies alone."""

    def read_lone_test(self, *, root: Path | None, split: Callable[[str], Offsets]) -> TaggedSplits | None:
        """As `TaggedCorpus.read`, of test alone; None where training's files are there, too."""
        ...


class TaggedCorpus(Protocol):
    """Where labelled sentences come from."""

    def read(self, *, root: Path | None, cache_dir: Path, split: Callable[[str], Offsets]) -> TaggedSplits:
        """All three splits.

        `root` is the user's folder of files (None: bundled, or downloaded below `cache_dir`); `split` says where the
        words of a text stand, for a corpus that doesn't say it itself.

        Raises:
            UserError: its files are missing or broken, or a label is invalid.
        """
        ...


def checksum(texts: Mapping[str, Sequence[TaggedText]]) -> str:
    """The sha256 of all texts, words and labels in order, of the splits that are there."""
    digest = hashlib.sha256()
    for split in (each for each in SPLITS if each in texts):
        digest.update(f"{split} {len(texts[split])}\n".encode())
        for each in texts[split]:
            digest.update(json.dumps(each, ensure_ascii=False).encode())
    return digest.hexdigest()
