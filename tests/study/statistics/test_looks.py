"""Looks are those that were planned, and share one alpha."""

import pytest

from attnlab.errors import UserError
from attnlab.study.statistics.looks import ALPHA, LOOKS, alpha_at


def test_a_study_without_looks_has_all_of_alpha() -> None:
    assert alpha_at([], seeds=7) == ALPHA


def test_looks_share_it() -> None:
    assert [alpha_at([5, 10], seeds=seeds) for seeds in (5, 10)] == [0.01, 0.04]
    assert [alpha_at((5, 10, 20), seeds=seeds) for seeds in (5, 10, 20)] == [0.01, 0.015, 0.025]
    for alphas in LOOKS.values():
        assert sum(alphas) == pytest.approx(ALPHA)


@pytest.mark.parametrize("looks", [[3, 5, 10], [10, 5], [5]])
def test_others_are_refused(looks: list[int]) -> None:
    with pytest.raises(UserError, match=r"looks must be \[5, 10\] or \[5, 10, 20\], got .* \(set looks\)"):
        alpha_at(looks, seeds=looks[0])


def test_nothing_is_judged_between_looks() -> None:
    with pytest.raises(UserError, match=r"at the seeds of its looks, \[5, 10\], got 7"):
        alpha_at([5, 10], seeds=7)
