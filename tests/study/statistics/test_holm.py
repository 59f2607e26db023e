"""Holm's p values are raised, keep their order, and leave a single one alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnlab.study.statistics.holm import holm


def test_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.4, 0.9]) == pytest.approx([0.8, 0.9])
    assert holm([0.03]) == pytest.approx([0.03])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=7))
def test_raised_in_order_and_by_their_number_at_most(p: list[float]) -> None:
    raised = holm(p)
    assert (raised >= p).all()
    assert (raised <= np.minimum(1, len(p) * np.asarray(p)) + 1e-15).all() or max(raised) <= 1
    assert (np.diff(raised[np.argsort(p)]) >= 0).all()
    assert raised.min() == pytest.approx(min(1, len(p) * min(p)))


def test_many_studies_at_once() -> None:
    p = np.random.default_rng(0).uniform(size=(3, 5))
    assert holm(p)[1] == pytest.approx(holm(p[1]))


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(p: float) -> None:
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\]"):
        holm([0.5, p])
