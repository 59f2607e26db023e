"""The mark stands once before the question, and nothing but what followed it tells the answer."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from attnlab.data.language.induction import Induction

SMALL = {"length": 14, "num_symbols": 7, "num_train": 3001, "num_val": 53, "num_test": 101}


def _made(**changed: Any) -> Induction:
    return Induction(**SMALL | changed)


def test_the_answer_is_what_followed_the_only_earlier_mark() -> None:
    made = _made()
    for sequence in np.concatenate(list(made.read().values())).tolist():
        *drawn, mark, answer = (made.symbols[symbol] for symbol in sequence)
        assert mark == "?"
        assert drawn.count("?") == 1
        assert len(drawn) == SMALL["length"] - 1
        assert drawn[drawn.index("?") + 1] == answer != "?"


def test_the_mark_stands_at_every_place_but_the_last_two_alike() -> None:
    drawn = _made().read()["train"][:, :-2]
    counts = Counter(np.argmax(drawn == SMALL["num_symbols"], axis=1).tolist())
    assert set(counts) == set(range(SMALL["length"] - 3))
    assert max(counts.values()) - min(counts.values()) < 4 * np.sqrt(2 * 3001 / 11)


def test_without_the_earlier_mark_the_answer_is_a_guess() -> None:
    made = _made()
    train = made.read()["train"]
    counts = np.bincount(train[:, -1], minlength=made.num_symbols)
    expected = len(train) * made.chance
    assert len(counts) == made.num_symbols  # the mark is no answer
    assert ((counts - expected) ** 2 / expected).sum() < 30  # chi-square, 6 degrees
    for behind in (0, 2, 3):  # what stands elsewhere than next to the mark tells nothing
        places = np.argmax(train == made.num_symbols, axis=1) + behind
        found = train[np.arange(len(train)), np.minimum(places, made.length - 2)]
        counted = (places < made.length - 1) & (found != made.num_symbols)
        if counted.any():
            right = (found == train[:, -1])[counted]
            assert abs(right.mean() - made.chance) < 4 * np.sqrt(made.chance / len(right))


def test_the_commonest_symbol_is_far_from_the_answer() -> None:
    made = Induction()
    test = made.read()["test"]
    right = float((made.commonest(test[:, :-1]) == test[:, -1]).mean())
    assert right < 0.2
    assert made.chance == 1 / 18


def test_symbols_are_as_many_as_published() -> None:
    assert len(Induction().symbols) == 19
    assert Induction().length == 31


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"num_symbols": 1}, r"num_symbols must be 2 or more, got 1 \(set data.sequences.num_symbols\)"),
        ({"length": 3}, r"context_length must be 4 or more, got 3 \(set data.context_length\)"),
        ({"data_seed": -1}, r"data_seed must be 0 or more, got -1 \(set data.sequences.data_seed\)"),
    ],
)
def test_what_cannot_be_made_is_refused(changed: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _made(**changed)
