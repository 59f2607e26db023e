"""Batches of made-up sequences ask for the answer alone in val and test, and for what they are told to in training."""

import numpy as np
import pytest
import torch

from attnlab.data import AssociativeRecall, Induction, LanguageCodec, RecallDataModule
from attnlab.data.language.batch import IGNORED
from attnlab.errors import UserError
from attnlab.tasks.language_modelling import parted


def _data(*, train_everywhere: bool = True, root: str | None = None, num_keys: int = 3) -> RecallDataModule:
    made = AssociativeRecall(length=12, num_keys=num_keys, num_values=5, num_train=61, num_val=7, num_test=11)
    return RecallDataModule(
        made, context_length=12, max_length=12, train_everywhere=train_everywhere, batch_size=8, root=root
    )


def test_the_answer_is_the_target_of_the_last_place() -> None:
    data = _data()
    data.prepare_data()
    batch = data.batch_of("test", np.arange(11))
    assert batch.tokens.shape == batch.targets.shape == (11, 12)
    assert (batch.targets[:, :-1] == IGNORED).all()
    for tokens, answer in zip(batch.tokens, batch.targets[:, -1], strict=True):
        asked = tokens[-1]
        earlier = (tokens[:-2] == asked).nonzero().flatten()
        assert (tokens[earlier + 1] == answer).all()
    assert batch.bytes is None


@pytest.mark.parametrize("everywhere", [True, False])
def test_training_asks_everywhere_or_for_the_answer_alone(everywhere: bool) -> None:
    data = _data(train_everywhere=everywhere)
    data.prepare_data()
    batch = data.batch_of("train", np.arange(5))
    if everywhere:
        assert torch.equal(batch.targets[:, :-1], batch.tokens[:, 1:])
    else:
        assert (batch.targets[:, :-1] == IGNORED).all()
    assert (batch.targets[:, -1] != IGNORED).all()


def test_what_is_read_is_the_symbols_by_their_names() -> None:
    data = _data()
    data.prepare_data()
    batch = data.batch_of("val", np.array([3]))
    text = " ".join(data.codec.tokens(batch.tokens[0].tolist()))
    assert data.codec.encode(text) == batch.tokens[0].tolist()
    assert text.split()[-2] == "?"
    assert data.sizes == data.example_sizes == {"vocab_size": 4 + 3 + 5 + 1}
    assert LanguageCodec(**data.codec.state()).sizes == data.sizes


def test_a_pass_reads_as_many_tokens_as_its_sequences_have() -> None:
    data = _data()
    data.prepare_data()
    rows = np.concatenate(data.plans.train_plan(0, 1))
    assert data.train_tokens == data.batch_of("train", rows).tokens.numel() == 61 * 12


def test_the_record_says_what_a_guess_would_reach() -> None:
    data = _data()
    data.prepare_data()
    assert data.summary["sequences"] == {"train": 61, "val": 7, "test": 11}
    assert data.summary["chance"] == 0.2
    assert 0 <= data.summary["commonest"] <= 1


def test_what_does_not_fit_is_refused() -> None:
    made = Induction(length=9)
    with pytest.raises(ValueError, match=r"must be the 9 symbols of a sequence, got 8 \(set data.context_length"):
        RecallDataModule(made, context_length=8, max_length=8)
    with pytest.raises(ValueError, match=r"max_length must be 9 or more, got 8 \(set data.max_length\)"):
        RecallDataModule(made, context_length=9, max_length=8)
    with pytest.raises(UserError, match=r"read from no files, got here \(drop data.root\)"):
        _data(root="here").prepare_data()
    trained, other = _data(), _data(num_keys=4)
    trained.prepare_data()
    other.adopt(trained.codec)
    with pytest.raises(UserError, match=r"trained on other symbols, got 10 of this data \(set data.sequences"):
        other.prepare_data()


def test_a_sample_is_the_question_with_its_answer() -> None:
    """Not the latter half of the sequence, as of a text."""
    data = _data()
    data.prepare_data()
    batch = data.batch_of("test", np.array([2]))
    asked = parted(batch.tokens[0], batch.targets[0], length=12)
    assert asked == ([*batch.tokens[0].tolist(), int(batch.targets[0, -1])], 12)
    text = torch.tensor([5, 6, 7, 8, 9, 0])
    assert parted(text, torch.tensor([6, 7, 8, 9, 4, IGNORED]), length=12) == ([5, 6, 7, 8, 9], 2)
