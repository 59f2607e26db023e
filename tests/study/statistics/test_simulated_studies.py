"""Whole studies, from raw scores to verdicts (make test-errors): what is false of all that a study says."""

import numpy as np
import pytest
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from attnlab.study.statistics import ArmRuns, Comparison, Verdict, alpha_at, judge

STUDIES = 600
NUM_EXAMPLES = 200
LOOKS = (5, 10)
MARGIN = 0.1
pytestmark = pytest.mark.errors


def scores(examples: NDArray[np.float64], seeds: int, random: Generator, *, mean: float = 0.0) -> NDArray[np.float64]:
    """Of an arm: (seeds, examples), of which the first are those of all arms."""
    own = 0.1 * random.normal(size=examples.shape)
    left = 0.4 * random.normal(size=(seeds, len(examples)))
    return mean + examples + own + 0.03 * random.normal(size=(seeds, 1)) + left


def verdicts_at(arms: list[NDArray[np.float64]], seeds: int) -> list[Verdict]:
    control, *others = (ArmRuns(str(number), tuple(range(seeds)), arm[:seeds]) for number, arm in enumerate(arms))
    comparisons = [Comparison("t", "score", arm, control, higher_is_better=True, margin=MARGIN) for arm in others]
    return judge(comparisons, alpha=alpha_at(LOOKS, seeds=seeds))


def share_of_studies_that_say(said: set[str], *, mean: float) -> float:
    """At any look, of any of five arms that are so much better than their control."""
    random, found = default_rng(0), 0
    for _ in range(STUDIES):
        examples = random.normal(size=NUM_EXAMPLES)
        arms = [scores(examples, max(LOOKS), random, mean=mean if number else 0.0) for number in range(6)]
        found += any(each.finding in said for seeds in LOOKS for each in verdicts_at(arms, seeds))
    return found / STUDIES


def test_of_five_arms_and_two_looks_few_studies_say_what_is_false() -> None:
    assert share_of_studies_that_say({"better", "worse"}, mean=0.0) <= 0.06
    assert share_of_studies_that_say({"the same"}, mean=MARGIN) <= 0.06
    assert share_of_studies_that_say({"worse"}, mean=MARGIN) == 0


def test_what_is_there_is_found() -> None:
    assert share_of_studies_that_say({"better"}, mean=MARGIN) >= 0.9


def test_an_arm_that_lost_its_worst_seeds_is_not_better() -> None:
    """Over what is left it looks so in over .06 of studies, which is why it is held back."""
    random, held = default_rng(1), 0
    for _ in range(STUDIES):
        examples = random.normal(size=NUM_EXAMPLES)
        arm, control = scores(examples, 10, random), scores(examples, 10, random)
        kept = np.argsort(arm.mean(1))[2:]
        comparison = Comparison(
            "t",
            "score",
            ArmRuns("arm", tuple(kept.tolist()), arm[kept], failed=2),
            ArmRuns("control", tuple(range(10)), control),
            higher_is_better=True,
        )
        (found,) = judge([comparison])
        assert found.finding != "better"
        held += found.held_back == "better"
    assert held / STUDIES > 0.06
