"""What tells a model that has learned nothing from one that has: on each side of every bound."""

import random
from typing import Any

import pytest

from attnlab.metrics.learning import FALLEN, alike_answers, flat_loss, no_better_than_one_class, nothing_right


def _predictions(outputs: list[Any], targets: list[Any]) -> list[dict[str, Any]]:
    return [{"output": output, "target": target} for output, target in zip(outputs, targets, strict=True)]


def test_a_loss_that_stays_or_rises_hasnt_fallen_and_one_that_falls_at_all_has() -> None:
    noise = random.Random(7)
    assert "2.3 at first, 2.3 over" in str(flat_loss([2.3] * 8))
    assert flat_loss([2.3 + noise.gauss(0, 0.01) for _ in range(37)]) is not None
    assert flat_loss([0.7, *[3.5] * 11]) is not None
    assert flat_loss([2.3, *[2.3 * FALLEN - 0.01] * 11]) is None
    # Fast at first, then level: the first report is still above.
    assert flat_loss([0.9, *[0.3] * 30]) is None


def test_few_reports_and_losses_that_are_no_numbers_tell_nothing() -> None:
    assert flat_loss([2.3] * 7) is None
    assert flat_loss([]) is None
    assert flat_loss([float("inf"), *[2.3] * 11]) is None
    assert flat_loss([-5.0] * 12) is None  # a density may lie below 0


@pytest.mark.parametrize("answer, said", [("", "an empty one"), ([], "that there is nothing"), ("ab", "'ab'")])
def test_answers_that_are_all_the_same_are_said(answer: Any, said: str) -> None:
    targets = [str(number % 7) for number in range(43)]
    assert said in str(alike_answers(_predictions([answer] * 43, targets)))
    assert alike_answers(_predictions([answer] * 42 + ["other"], targets)) is None
    assert alike_answers(_predictions([answer] * 43, [answer] * 43)) is None  # as they should be
    assert alike_answers(_predictions([answer] * 19, targets[:19])) is None  # so few may be chance


def test_few_different_answers_to_many_different_targets_are_said() -> None:
    targets = [f"verse {number}" for number in range(661)]
    few = [f"and the {number % 13}" for number in range(661)]
    assert "661 answers to the test are only 13 different ones" in str(alike_answers(_predictions(few, targets)))
    more = [f"and the {number % 14}" for number in range(661)]
    assert alike_answers(_predictions(more, targets)) is None


def test_an_accuracy_is_held_against_the_commonest_class() -> None:
    targets = ["a"] * 60 + ["b"] * 40
    predictions = _predictions(["a", "b"] * 50, targets)
    assert "always saying 'a', 0.6" in str(no_better_than_one_class(predictions, 0.5))
    assert no_better_than_one_class(predictions, 0.69) is not None  # within two standard errors of 0.6
    assert no_better_than_one_class(predictions, 0.71) is None
    assert no_better_than_one_class(_predictions(["a"] * 30, ["a"] * 30), 1.0) is None


def test_a_score_of_nothing_is_said_and_a_loss_of_0_isnt() -> None:
    assert "test f1 is 0" in str(nothing_right({"loss": 0.3, "f1": 0.0, "token_accuracy": 0.9}))
    assert nothing_right({"loss": 0.0, "f1": 0.01, "bleu": 0.0}) is None


def test_the_last_quarter_is_held_against_the_first_report() -> None:
    late = [2.0] * 9 + [1.0] * 3
    assert flat_loss(late) is None
    assert flat_loss(late[:9] + [2.0] * 3) is not None
    assert flat_loss([2.0, *[1.0] * 8, *[2.0] * 3]) is not None  # it came back
