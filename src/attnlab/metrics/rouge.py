"""ROUGE, by Google's rouge-score, which needs no network."""

import re
import sys
from collections.abc import Sequence
from importlib.metadata import version

from absl import logging as absl_logging
from rouge_score.rouge_scorer import RougeScorer
from rouge_score.tokenizers import DefaultTokenizer

# rouge-score imports absl, whose log handler closes, when logging is configured anew, the stderr of the time of import:
# not the process's own, but one that stood in for it then, as while output is captured.
absl_logging.get_absl_handler().python_handler.stream = sys.__stderr__

MEASURES = {"rouge1": "rouge1", "rouge2": "rouge2", "rouge_l": "rougeL", "rouge_lsum": "rougeLsum"}
SIGNATURE = f"rouge-score|version:{version('rouge-score')}|F1|stemmer:Porter|references:best of each measure|mean"
# What the scorer reads of a text; other letters it takes for spaces.
_READABLE = re.compile(r"[a-z0-9]", re.IGNORECASE)


def rouge(outputs: Sequence[str], references: Sequence[Sequence[str]]) -> dict[str, float]:
    """Mean F1 from 0 to 1 of `rouge1`, `rouge2`, `rouge_l` and `rouge_lsum` (Lin, 2004).

    Of several references each measure takes its best, as SciTLDR's paper does. Sentences of `rouge_lsum` are lines.
    Only runs of a-z and 0-9 count as words, stemmed by Porter's rules: `num_unreadable` tells when that can't work.
    """
    # Its tokenizer is given, for the scorer to not announce on stderr that it made one itself.
    scorer = RougeScorer(list(MEASURES.values()), tokenizer=DefaultTokenizer(use_stemmer=True))
    totals = dict.fromkeys(MEASURES, 0.0)
    for output, texts in zip(outputs, references, strict=True):
        best = scorer.score_multi(list(texts), output)
        for name, measure in MEASURES.items():
            totals[name] += float(best[measure].fmeasure)
    return {name: total / max(1, len(outputs)) for name, total in totals.items()}


def num_unreadable(references: Sequence[Sequence[str]]) -> int:
    """How many documents have no reference with a letter that ROUGE reads, as where the language isn't in Latin."""
    return sum(not any(_READABLE.search(text) for text in texts) for texts in references)
