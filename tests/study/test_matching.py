from collections.abc import Callable

import pytest

from attnlab.errors import UserError
from attnlab.study.matching import nearest


def multiples_of(step: int, cost: Callable[[int], int], *, least: int = 1) -> Callable[[int], int]:
    def checked(value: int) -> int:
        if value % step or value < least:
            raise UserError(f"not {value}")
        return cost(value)

    return checked


@pytest.mark.parametrize("step", [1, 2, 4, 6])
@pytest.mark.parametrize("target", [1, 900, 2_345, 10_007, 123_456])
def test_the_nearest_of_all_values_is_found(step: int, target: int) -> None:
    cost = multiples_of(step, lambda value: 3 * value * value + 5 * value)
    found = nearest("model.dim", cost, start=24, target=target)
    best = min(range(step, 24 * 64, step), key=lambda value: abs(cost(value) - target))
    assert found.value == best
    assert found.cost == cost(best)
    assert found.gap == pytest.approx(cost(best) / target - 1)


def test_it_takes_few_builds() -> None:
    tried: list[int] = []

    def cost(value: int) -> int:
        tried.append(value)
        return 1000 * value

    assert nearest("model.dim", cost, start=100, target=3_456_789).value == 3457
    assert len(tried) < 30
    assert len(tried) == len(set(tried))


def test_a_value_below_what_the_model_takes_is_too_small() -> None:
    found = nearest("model.dim", multiples_of(4, lambda value: 10 * value, least=12), start=64, target=20)
    assert found.value == 12
    assert found.far


def test_a_target_out_of_reach_is_met_as_far_as_it_goes_and_said() -> None:
    found = nearest("model.dim", lambda value: 1000 + value, start=8, target=10**9)
    assert found.far
    assert found.gap < -0.9


def test_a_small_gap_is_not_far() -> None:
    assert not nearest("model.dim", lambda value: 100 * value, start=8, target=1010).far


def test_a_key_that_changes_nothing_is_refused() -> None:
    with pytest.raises(UserError, match=r"costs the same whatever model\.num is"):
        nearest("model.num", lambda value: 7, start=8, target=9)
    with pytest.raises(UserError, match=r"no other values of model\.num than 8 fit this model"):
        nearest("model.num", multiples_of(10**6, lambda value: value), start=8, target=9)
