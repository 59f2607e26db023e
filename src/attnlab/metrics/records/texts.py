"""What texts that were written add to the scores of translations and of summaries."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from unicodedata import normalize

import sacrebleu

from attnlab.metrics.novelty import count_new, count_words
from attnlab.metrics.records.contract import Score, Statistics
from attnlab.metrics.rouge import MEASURES, best_scores

TRANSLATION_SCORES = {"bleu": Score("bleu", "bleu"), "chrf": Score("chrf", "chrf")}
NOVEL = {"novel_unigrams": 1, "novel_bigrams": 2, "novel_trigrams": 3}
ROUGE_SCORES = {name: Score("mean", name) for name in MEASURES}
SUMMARY_SCORES = {
    **ROUGE_SCORES,
    **{name: Score("share", name) for name in NOVEL},
    "num_words": Score("share", "num_words"),
    "length_ratio": Score("ratio_of_means", "length_ratio"),
}


def of_translations(
    outputs: Sequence[str], references: Sequence[Sequence[str]], *, signatures: Mapping[str, str]
) -> list[Statistics]:
    """`bleu`: words, words of the references, matches of 1 to 4 words, runs of 1 to 4 words; `chrf`: for 1 to 6
    characters the runs of them, those of the reference, and matches. sacrebleu's, counted as `signatures` say; what
    has none is left out.
    """
    outputs = [normalize("NFC", output) for output in outputs]
    streams = [
        list(stream) for stream in zip_longest(*([normalize("NFC", text) for text in each] for each in references))
    ]
    columns = {}
    for name, signature in signatures.items():
        if name not in TRANSLATION_SCORES:
            continue
        said = dict(part.split(":", 1) for part in signature.split("|"))
        lowercase = said["case"] == "lc"
        metric: sacrebleu.BLEU | sacrebleu.CHRF = sacrebleu.CHRF(lowercase=lowercase)
        if name == "bleu":
            # `force` says nothing of texts that look tokenized: it was said when they were scored.
            metric = sacrebleu.BLEU(tokenize=said["tok"], lowercase=lowercase, force=True)
        # It has no public name; sacrebleu's own tests of significance take it, too.
        columns[name] = metric._extract_corpus_statistics(outputs, streams)
    return [{name: list(map(int, column[row])) for name, column in columns.items()} for row in range(len(outputs))]


def of_summaries(
    outputs: Sequence[str], documents: Sequence[str], references: Sequence[Sequence[str]]
) -> list[Statistics]:
    """`rouge1` and its like: F1, and 1; `novel_unigrams` and its like: runs of words that are new, of all; words."""
    rows = of_rouge(outputs, references)
    for row, output, document, texts in zip(rows, outputs, documents, references, strict=True):
        for name, size in NOVEL.items():
            row[name] = list(count_new(output, document, size=size))
        words = count_words(output)
        row["num_words"] = [words, 1]
        row["length_ratio"] = [words, 1, sum(map(count_words, texts)), len(texts)]
    return rows


def of_rouge(outputs: Sequence[str], references: Sequence[Sequence[str]], *, prefix: str = "") -> list[Statistics]:
    """`rouge1` and its like: F1, 1, and the precision and recall of which it is made."""
    return [
        {
            f"{prefix}{name}": [float(found.fmeasure), 1, float(found.precision), float(found.recall)]
            for name, found in best_scores(output, texts).items()
        }
        for output, texts in zip(outputs, references, strict=True)
    ]
