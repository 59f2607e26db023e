"""Each sequence shows the pair that its question asks for, and nothing else tells the answer."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from attnlab.data.language.associative_recall import AssociativeRecall

SMALL = {"length": 24, "num_keys": 5, "num_values": 7, "num_train": 211, "num_val": 53, "num_test": 101}


def _made(**changed: Any) -> AssociativeRecall:
    return AssociativeRecall(**SMALL | changed)


def test_the_answer_is_the_one_value_that_stands_behind_the_key() -> None:
    made = _made()
    for sequence in np.concatenate(list(made.read().values())).tolist():
        *pairs, mark, asked, answer = (made.symbols[symbol] for symbol in sequence)
        assert mark == "?"
        assert len(pairs) == SMALL["length"] - 2
        shown = set(zip(pairs[::2], pairs[1::2], strict=True))
        assert len(dict(shown)) == len(shown)  # a key has one value
        assert dict(shown)[asked] == answer
        assert all(key[0] == "k" and value[0] == "v" for key, value in shown)


def test_every_key_that_is_shown_is_asked_for_alike() -> None:
    """Whether it stands there once or often: the place of the question tells nothing."""
    shares: dict[int, list[bool]] = {}
    for *pairs, _, asked, _ in _made(num_keys=2, num_values=101, length=8, num_train=4001).read()["train"].tolist():
        counts = Counter(pairs[::2])
        if len(counts) == 2:
            shares.setdefault(counts[asked], []).append(True)
    once, twice = len(shares[1]), len(shares[2])
    assert abs(once - twice) < 4 * np.sqrt(once + twice)


def test_without_the_earlier_pair_the_answer_is_a_guess() -> None:
    """Each value answers as often as another, whatever key is asked for, and whatever stands elsewhere."""
    made = _made(num_train=3001, length=6, num_keys=9)
    answers: dict[int, Counter[int]] = {}
    others = []
    for *pairs, _, asked, answer in made.read()["train"].tolist():
        answers.setdefault(asked, Counter())[answer] += 1
        others += [value == answer for key, value in zip(pairs[::2], pairs[1::2], strict=True) if key != asked]
    for counts in answers.values():
        assert len(counts) == SMALL["num_values"]
        expected = counts.total() / SMALL["num_values"]
        assert sum((count - expected) ** 2 / expected for count in counts.values()) < 30  # chi-square, 6 degrees
    assert abs(np.mean(others) - made.chance) < 4 * np.sqrt(made.chance / len(others))


def test_the_commonest_value_is_a_better_guess_than_chance_and_no_answer() -> None:
    made = AssociativeRecall()
    test = made.read()["test"]
    right = float((made.commonest(test[:, :-1]) == test[:, -1]).mean())
    assert made.chance + 0.1 < right < 0.7


def test_symbols_are_as_many_as_published() -> None:
    assert len(AssociativeRecall().symbols) == 9
    assert AssociativeRecall().length == 22


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"num_values": 1}, r"num_values must be 2 or more, got 1 \(set data.sequences.num_values\)"),
        ({"length": 2}, r"context_length must be 4 or more, got 2 \(set data.context_length\)"),
        ({"length": 23}, r"context_length must be even: .* got 23 \(set data.context_length\)"),
        ({"num_train": 10**7}, r"at most 100000000 symbols, got \d+ \(set data.sequences.num_train\)"),
    ],
)
def test_what_cannot_be_made_is_refused(changed: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _made(**changed)
