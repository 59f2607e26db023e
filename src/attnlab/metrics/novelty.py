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
        known = set(_runs(document, size))
        runs = _runs(output, size)
        new += sum(run not in known for run in runs)
        total += len(runs)
    return new / max(1, total)


def mean_words(texts: Sequence[str]) -> float:
    """Words a text, between white space; letters where a script has no spaces between words."""
    return sum(len(pieces(word)) for text in texts for word in text.split()) / max(1, len(texts))


def _runs(text: str, size: int) -> list[tuple[str, ...]]:
    words = _WORD.findall(folded(text))
    return list(zip(*(words[start:] for start in range(size)), strict=False))
