"""ROUGE, by Google's rouge-score, which needs no network, on words of any script."""

import sys
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

from absl import logging as absl_logging
from rouge_score.rouge_scorer import RougeScorer
from rouge_score.scoring import Score
from rouge_score.tokenizers import DefaultTokenizer, Tokenizer

from attnlab.data.text.script_words import folded, word_pattern

# rouge-score imports absl, whose log handler closes, when logging is configured anew, the stderr of the time of import:
# not the process's own, but one that stood in for it then, as while output is captured.
absl_logging.get_absl_handler().python_handler.stream = sys.__stderr__

MEASURES = {"rouge1": "rouge1", "rouge2": "rouge2", "rouge_l": "rougeL", "rouge_lsum": "rougeLsum"}
SIGNATURE = (
    f"rouge-score|version:{version('rouge-score')}|F1|tok:unicode|case:lc|stemmer:Porter|"
    "references:best of each measure|mean"
)
_WORD = word_pattern()


class UnicodeTokenizer(Tokenizer):  # type: ignore[misc]  # rouge-score has no types
    """The words of a text of any script, in small letters; single letters where words have no spaces between them.

    rouge-score's own tokenizer takes all but a-z and 0-9 for spaces. Words of these alone are still left to it, and
    stemmed by Porter's rules, so that ASCII texts score as with it.
    """

    def __init__(self) -> None:
        self._stemming = DefaultTokenizer(use_stemmer=True)

    def tokenize(self, text: str) -> list[str]:
        words: list[str] = []
        for word in _WORD.findall(folded(text)):
            words += self._stemming.tokenize(word) if word.isascii() else [word]
        return words


def rouge(outputs: Sequence[str], references: Sequence[Sequence[str]]) -> dict[str, float]:
    """Mean F1 from 0 to 1 of `rouge1`, `rouge2`, `rouge_l` and `rouge_lsum` (Lin, 2004).

    Of several references each measure takes its best, as SciTLDR's paper does. Sentences of `rouge_lsum` are lines.
    Words are `UnicodeTokenizer`'s: `unreadable_warnings` tells where a text has none.
    """
    totals = dict.fromkeys(MEASURES, 0.0)
    for output, texts in zip(outputs, references, strict=True):
        for name, found in best_scores(output, texts).items():
            totals[name] += float(found.fmeasure)
    return {name: total / max(1, len(outputs)) for name, total in totals.items()}


def best_scores(output: str, references: Sequence[str]) -> dict[str, Score]:
    """`precision`, `recall` and `fmeasure` of each measure, against the reference that is the best for it."""
    best = _scorer().score_multi(list(references), output)
    return {name: best[measure] for name, measure in MEASURES.items()}


@cache
def _scorer() -> RougeScorer:
    return RougeScorer(list(MEASURES.values()), tokenizer=UnicodeTokenizer())


def is_readable(texts: Sequence[str]) -> bool:
    """Whether one of a document's references has a word, so that a summary can score above 0."""
    return any(_WORD.search(text) for text in texts)


def unreadable_warnings(references: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """What there is to say of documents that have no reference with a word, so that nothing can score above 0."""
    count = sum(not is_readable(texts) for texts in references)
    if not count:
        return []
    message = f"ROUGE is 0 for {count:,} of {len(references):,} documents: no reference of theirs has a letter or digit"
    return [{"kind": "unreadable_references", "message": message}]
