"""From scores of labels to answers: no label that training never showed is one."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from attnlab.data import TaggingCodec, WordVocabulary
from attnlab.models.taggers.label_scores import ChainedLabels, IndependentLabels, LabelScores
from attnlab.models.taggers.predictor import TaggingPredictor


@pytest.mark.parametrize("kind", [IndependentLabels, ChainedLabels])
def test_a_type_that_training_lacks_is_never_found(kind: type) -> None:
    torch.manual_seed(7)
    scores: LabelScores = kind(5)
    codec = TaggingCodec(
        words=WordVocabulary().state(), characters="a", types=["DATE", "PER"], max_characters=5, untrained=["DATE"]
    )
    model: Any = SimpleNamespace(label_scores=scores)
    emissions, mask = torch.randn(11, 7, 5), torch.ones(11, 7, dtype=torch.bool)
    emissions[..., 1] += 9  # B-DATE, if it could be
    found = list(TaggingPredictor(model, codec).decode(emissions, mask))
    labels = [codec.decode_labels(ids) for ids, _ in found]
    assert {each for row in labels for each in row} <= {"O", "B-PER", "I-PER"}
    assert all(log_prob > float("-inf") for _, log_prob in found)
    free = TaggingCodec(**{key: value for key, value in codec.state().items() if key != "untrained"})
    decoded = TaggingPredictor(model, free).decode(emissions, mask)
    assert {each for ids, _ in decoded for each in free.decode_labels(ids)} >= {"B-DATE"}
