"""How much of a summary isn't in its document, and how long it is."""

from collections.abc import Sequence

from attnlab.data.text.script_words import folded, pieces, word_pattern

_WORD = word_pattern(also="_")


def novelty(outputs: Sequence[str], documents: Sequence[str], *, size: int) -> float:
    """The share, from 0 to 1, of the outputs' runs of `size` words that don't occur in their documents.

    Words are runs of letters and digits of any script, in lower case; single letters where a script has no spaces
    between words. Over all outputs together, so that long ones count for more; 0 where no output has so many words.
    """
    new = total = 0
    for output, document in zip(outputs, documents, strict=True):
        mine = count_new(output, document, size=size)
        new, total = new + mine[0], total + mine[1]
    return new / max(1, total)


def count_new(output: str, document: str, *, size: int) -> tuple[int, int]:
    """Of an output's runs of `size` words those that don't occur in its document, and all."""
    known, runs = set(_runs(document, size)), _runs(output, size)
    return sum(run not in known for run in runs), len(runs)


def mean_words(texts: Sequence[str]) -> float:
    """Words a text, between white space; letters where a script has no spaces between words."""
    return sum(map(count_words, texts)) / max(1, len(texts))


def count_words(text: str) -> int:
    """Words of a text, likewise."""
    return sum(len(pieces(word)) for word in text.split())


def _runs(text: str, size: int) -> list[tuple[str, ...]]:
    words = _WORD.findall(folded(text))
    return list(zip(*(words[start:] for start in range(size)), strict=False))
