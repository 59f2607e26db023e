"""Maps that follow what is known of made-up data are told so, by tokens and by cells."""

from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor

from attnlab.data import (
    BPETokenizer,
    ImageClassificationDataModule,
    SyntheticClassification,
    SyntheticTranslation,
    TranslationDataModule,
)
from attnlab.metrics.planted import Found
from attnlab.models.special_tokens import EOS, PAD
from attnlab.runs.diagnosis.readers import GridReader, TextPairReader
from attnlab.runs.diagnosis.truths import scores_of, statistics_of, truth_of

NUM_TEST = 11


@pytest.fixture
def pairs(tmp_path: Path) -> TranslationDataModule:
    """So few ids that words are of several tokens."""
    corpus = SyntheticTranslation(num_things=5, num_attributes=3, num_train=61, num_val=7, num_test=NUM_TEST)
    data = TranslationDataModule(
        corpus, partial(BPETokenizer, vocab_size=275), source="made", target="up", cache_dir=str(tmp_path)
    )
    data.prepare_data()
    return data


def _words(pieces: list[str]) -> list[int]:
    """A word begins with a space."""
    return (np.cumsum([piece.startswith("▁") for piece in pieces]) - 1).tolist()


def _right_map(source: Tensor, target: Tensor, alignment: tuple[int, ...], data: TranslationDataModule) -> Tensor:
    codec = data.codec
    source_words = _words(codec.source_tokens([each for each in source.tolist() if each not in (PAD, EOS)]))
    target_words = _words(codec.target_tokens([each for each in target.tolist() if each not in (PAD, EOS)]))
    assert max(source_words) == max(target_words) == len(alignment) - 1
    assert len(source_words) > len(alignment)
    weights = torch.zeros(len(target), len(source))
    for row, word in enumerate(target_words):
        columns = [place for place, each in enumerate(source_words) if each == alignment[word]]
        weights[row, columns] = 1 / len(columns)
    return weights


def test_a_map_of_the_alignment_has_all_of_it(pairs: TranslationDataModule) -> None:
    task = SimpleNamespace(model=None, codec=pairs.codec)
    truth = truth_of(pairs, TextPairReader(task), task)  # type: ignore[arg-type]
    assert truth is not None
    batch = pairs.batch_of("test", np.arange(NUM_TEST))
    knows = pairs.corpus
    assert isinstance(knows, SyntheticTranslation)
    maps = torch.stack(
        [
            _right_map(source, target[1:], tuple(knows.alignment("test", number)), pairs)
            for number, source, target in zip(batch.ids.tolist(), batch.source, batch.target, strict=True)
        ]
    )
    for number, found in zip(batch.ids.tolist(), truth.found(batch, maps), strict=True):
        assert found.num == len(knows.alignment("test", number))
        assert found.share == pytest.approx(found.num)
        assert found.hits == found.num
        assert found.even_hits == pytest.approx(1)
    wrong = truth.found(batch, maps.roll(1, dims=1))
    assert sum(each.hits for each in wrong) < 0.9 * sum(each.num for each in wrong)


def test_a_map_of_the_patch_has_all_of_it() -> None:
    made = SyntheticClassification(num_train=31, num_test=NUM_TEST)
    data = ImageClassificationDataModule(made, num_val=5)
    data.prepare_data()
    task = SimpleNamespace(model=SimpleNamespace(grid=(7, 7), num_extra=0))
    truth = truth_of(data, GridReader(task), task)  # type: ignore[arg-type]
    assert truth is not None
    batch = data.batch_of("test", np.arange(NUM_TEST))
    cells = [made.deciding("test", number)[::4, ::4].float().flatten() / 4 for number in range(NUM_TEST)]
    for found in truth.found(batch, torch.stack(cells).unsqueeze(1)):
        assert (found.num, found.hits, found.share) == (1, 1, pytest.approx(1))
        assert found.even_share == pytest.approx(4 / 49)


def test_examples_add_up_to_scores() -> None:
    kept = statistics_of("place", Found(share=0.75, hits=1.0, num=2, even_share=0.1, even_hits=0.1))
    assert {name: row.tolist() for name, row in kept.items()} == {
        "place_share": [[0.75, 2]],
        "place_accuracy": [[1, 2]],
    }
    assert scores_of("place").keys() == kept.keys()
