"""Rows follow what they stand for from one vocabulary to another; what has no name stays."""

from typing import Any

import pytest
import torch

from attnlab.data.text.tokenizers import BPETokenizer
from attnlab.data.text.words import WordVocabulary
from attnlab.models.special_tokens import SPECIAL_TOKENS
from attnlab.runs.shared_rows import named_rows, take_shared


def _classes(*names: str) -> dict[str, list[str]]:
    return {"classes": list(names)}


@pytest.mark.parametrize("extra", [0, 1])
def test_rows_of_shared_names_are_taken_and_others_stay(extra: int) -> None:
    here, there = _classes("cow", "emu", "cat"), _classes("cat", "dog", "cow", "yak", "gnu")
    own, given = torch.zeros(3 + extra, 2), torch.arange(10.0 + 2 * extra).view(-1, 2) + 1
    found = take_shared("model.classifier.weight", own, given, here, there)
    assert found is not None
    assert (found.shared, found.rows, found.what) == (2 + extra, 3 + extra, "classes")
    rows = [given[2], own[1], given[0], *([given[5]] if extra else [])]
    assert torch.equal(found.weight, torch.stack(rows))


def test_transitions_follow_in_both_directions() -> None:
    here, there = {"labels": ["O", "B-A", "I-A"]}, {"labels": ["O", "B-Z", "I-Z", "B-A", "I-A"]}
    given = torch.arange(25.0).view(5, 5)
    found = take_shared("model.label_scores.crf.transitions", torch.zeros(3, 3), given, here, there)
    assert found is not None
    assert torch.equal(found.weight, given[[0, 3, 4]][:, [0, 3, 4]])


@pytest.mark.parametrize(
    "name, own, given",
    [
        ("model.body.weight", (2, 3), (2, 3)),  # stands for nothing
        ("model.classifier.weight", (2, 3), (2, 5)),  # of another width
        ("model.classifier.weight", (7, 3), (7, 3)),  # of other rows than there are classes
    ],
)
def test_what_has_no_named_rows_is_left_alone(name: str, own: tuple[int, int], given: tuple[int, int]) -> None:
    assert take_shared(name, torch.zeros(own), torch.ones(given), _classes("a", "b"), _classes("b", "c")) is None


def test_names_are_in_the_order_of_ids() -> None:
    bpe, words = BPETokenizer(vocab_size=270), WordVocabulary()
    bpe.train(["ab ab abc"])
    words.train_words([["b", "a", "b"]])
    state: dict[str, Any] = {"source_tokenizer": bpe.state(), "target_tokenizer": None}
    found = named_rows({"class": "", "state": state})
    assert len(found["source tokens"]) == len(bpe)
    assert found["source tokens"] == found["target tokens"]
    tokens = found["source tokens"]
    assert [tokens[each] for each in bpe.encode(["ab"])[0]] == ["Ġab"]
    tagging = {"words": words.state(), "characters": "ab", "types": ["X"]}
    found = named_rows({"class": "", "state": tagging})
    assert found["words"] == [*SPECIAL_TOKENS, "b", "a"]
    assert (found["labels"], len(found["characters"])) == (["O", "B-X", "I-X"], 4)
