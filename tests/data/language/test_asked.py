"""Sequences that are made up: the seed alone decides, and no sequence is in two splits."""

import numpy as np
import pytest

from attnlab.data.language.asked import AskedSequences, commonest_among
from attnlab.data.language.associative_recall import AssociativeRecall
from attnlab.data.language.induction import Induction
from attnlab.errors import UserError

SETS = {"recall": AssociativeRecall, "induction": Induction}
COUNTS = {"num_train": 1201, "num_val": 53, "num_test": 101}
# So few different ones that many are drawn twice.
CROWDED = {"recall": {"num_keys": 2, "num_values": 3, "length": 16}, "induction": {"num_symbols": 3, "length": 8}}


@pytest.mark.parametrize("name", SETS)
def test_no_sequence_stands_twice_and_the_seed_alone_decides(name: str) -> None:
    made: AskedSequences = SETS[name](**COUNTS, **CROWDED[name])
    splits = made.read()
    assert {split: each.shape for split, each in splits.items()} == {
        split: (COUNTS[f"num_{split}"], made.length + 1) for split in ("train", "val", "test")
    }
    every = np.concatenate(list(splits.values()))
    assert len(np.unique(every, axis=0)) == len(every)
    again, other = SETS[name](**COUNTS, **CROWDED[name]).read(), SETS[name](**COUNTS, data_seed=1).read()
    assert all(np.array_equal(each, again[split]) for split, each in splits.items())
    assert not np.array_equal(SETS[name](**COUNTS).read()["test"], other["test"])


@pytest.mark.parametrize("name", SETS)
def test_fewer_sequences_are_the_first_of_more_and_the_same_test(name: str) -> None:
    few, many = (SETS[name](num_train=number, num_val=53, num_test=101).read() for number in (101, 1201))
    assert np.array_equal(few["train"], many["train"][:101])
    assert np.array_equal(few["test"], many["test"])
    assert np.array_equal(few["val"], many["val"])


def test_more_sequences_than_there_are_is_one_line() -> None:
    made = Induction(num_symbols=2, length=4, num_train=5, num_val=1, num_test=1)
    with pytest.raises(UserError, match=r"got 2 different ones of 5 \(set data.sequences.num_train lower"):
        made.read()


def test_the_commonest_is_among_the_possible_answers_alone() -> None:
    questions = np.array([[1, 1, 1, 4, 3, 3], [1, 2, 2, 5, 5, 4]], dtype=np.int16)
    assert commonest_among(questions, range(3, 6)).tolist() == [3, 5]
