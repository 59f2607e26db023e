"""torchtext's BLEU (0-1) against sacreBLEU's (0-100), which our figures are.

Given the same tokens they are one: the same clipped counts, brevity penalty and geometric mean. On texts as they stand
they differ for three reasons, each shown here alone: torchtext counts whatever tokens it is given, where sacreBLEU
splits by its own rule (13a); `basic_english` ignores case and drops some marks, where sacreBLEU keeps both; and
torchtext gives 0 to a corpus without a match of four words, where sacreBLEU smooths.

On the translations below: sacreBLEU 13.73, without case 13.98; torchtext 14.10 by `basic_english`, 9.54 by words as
they stand between spaces.
"""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest
import sacrebleu

from attnlab.data.text.torchtext_library import load_torchtext

pytestmark = pytest.mark.torchtext

Tokens = list[list[str]]


@cache
def _translations() -> tuple[list[str], list[str]]:
    """Every sixth verse of the test split by a model of `translation_quickstart`, and as they should be."""
    lines = Path(__file__).with_name("translations.tsv").read_text(encoding="utf-8").removesuffix("\n").split("\n")
    outputs, references = zip(*(line.split("\t") for line in lines), strict=True)
    return list(outputs), list(references)


def _torchtext_bleu(outputs: Tokens, references: Tokens) -> float:
    bleu_score = load_torchtext().data.metrics.bleu_score
    return 100 * float(bleu_score(outputs, [[reference] for reference in references]))


def _tokenizer(name: str | None) -> Callable[[str], list[str]]:
    tokenizer: Callable[[str], list[str]] = load_torchtext().data.utils.get_tokenizer(name)
    return tokenizer


def _sacrebleu(outputs: Sequence[str], references: Sequence[str], **settings: object) -> float:
    return float(sacrebleu.BLEU(**settings).corpus_score(list(outputs), [list(references)]).score)


def _joined(tokens: Tokens) -> list[str]:
    return [" ".join(each) for each in tokens]


@pytest.mark.parametrize("splitter", ["basic_english", None])
def test_given_the_same_tokens_they_agree(splitter: str | None) -> None:
    split = _tokenizer(splitter)
    outputs, references = ([split(text) for text in texts] for texts in _translations())
    theirs = _torchtext_bleu(outputs, references)
    # torchtext sums in float32. `force` says that tokens are what is meant.
    for smoothing in ("none", "exp"):
        ours = _sacrebleu(_joined(outputs), _joined(references), tokenize="none", force=True, smooth_method=smoothing)
        assert theirs == pytest.approx(ours, abs=1e-3)
    assert 5 < theirs < 25, "a score that says something"


def test_given_sacrebleus_own_tokens_torchtext_gives_sacrebleus_score() -> None:
    outputs, references = _translations()
    split = sacrebleu.BLEU().tokenizer
    theirs = _torchtext_bleu(*([split(text).split() for text in texts] for texts in (outputs, references)))
    assert theirs == pytest.approx(_sacrebleu(outputs, references), abs=1e-3)


def test_what_basic_english_leaves_out_changes_the_score() -> None:
    outputs, references = _translations()
    split = _tokenizer("basic_english")
    theirs = _torchtext_bleu(*([split(text) for text in texts] for texts in (outputs, references)))
    cased, caseless = _sacrebleu(outputs, references), _sacrebleu(outputs, references, lowercase=True)
    assert cased < caseless
    assert abs(theirs - caseless) > 0.05
    text = 'He said: "Don\'t"; go.'
    assert split(text) == ["he", "said", "don", "'", "t", "go", "."]
    assert sacrebleu.BLEU().tokenizer(text).split() == ["He", "said", ":", '"', "Don't", '"', ";", "go", "."]


def test_the_scores_said_above() -> None:
    outputs, references = _translations()
    by_words, by_spaces = (
        _torchtext_bleu(*([split(text) for text in texts] for texts in (outputs, references)))
        for split in (_tokenizer("basic_english"), _tokenizer(None))
    )
    said = [_sacrebleu(outputs, references), _sacrebleu(outputs, references, lowercase=True), by_words, by_spaces]
    assert [f"{each:.2f}" for each in said] == ["13.73", "13.98", "14.10", "9.54"]


def test_without_a_match_of_four_words_torchtext_gives_nothing() -> None:
    outputs, references = ["el gato ve el perro"], ["el gato ve al perro"]
    assert _torchtext_bleu([outputs[0].split()], [references[0].split()]) == 0
    assert _sacrebleu(outputs, references, smooth_method="none") == 0
    assert 10 < _sacrebleu(outputs, references) < 60
