"""Learning rates begin above zero, peak at the optimizer's own rate, and end where they say."""

import io
from functools import partial
from typing import Any, Literal

import pytest
import torch
from torch.optim.lr_scheduler import LambdaLR

from attnlab.tasks.training.schedules import (
    check_length,
    constant,
    scheduled,
    warmup_cosine,
    warmup_inverse_sqrt,
)

pytestmark = pytest.mark.text


def _rates(schedule: Any, num: int) -> list[float]:
    rates = []
    for _ in range(num):
        rates.append(schedule.get_last_lr()[0])
        schedule.optimizer.step()
        schedule.step()
    return rates


def _optimizer() -> torch.optim.Optimizer:
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(3))], lr=2.0)


def test_cosine_warms_up_peaks_and_ends_at_its_final_factor() -> None:
    rates = _rates(warmup_cosine(_optimizer(), total_steps=101, warmup_steps=11, final_factor=0.1), 102)
    assert rates[0] == pytest.approx(2 / 11)
    assert rates[10] == rates[11] == pytest.approx(2.0)
    assert rates[56] == pytest.approx(2 * (0.1 + 0.9 / 2))  # half-way from update 11 to 101
    assert rates[101] == pytest.approx(0.2)
    assert rates[11:] == sorted(rates[11:], reverse=True)


def test_inverse_sqrt_is_vaswanis_up_to_its_peak() -> None:
    rates = _rates(warmup_inverse_sqrt(_optimizer(), total_steps=5, warmup_steps=7), 30)
    assert max(rates) == pytest.approx(2.0)
    assert rates[28] == pytest.approx(2 * (7 / 28) ** 0.5)


def test_constant_is_constant_after_warm_up() -> None:
    assert _rates(constant(_optimizer(), total_steps=3, warmup_steps=0), 3) == [2.0] * 3
    assert _rates(constant(_optimizer(), total_steps=3, warmup_steps=2), 4) == [1.0, 2.0, 2.0, 2.0]


def test_values_out_of_range_are_named() -> None:
    with pytest.raises(ValueError, match=r"got 1.5 \(set scheduler.final_factor\)"):
        warmup_cosine(_optimizer(), total_steps=5, warmup_steps=1, final_factor=1.5)
    with pytest.raises(ValueError, match=r"got -1 \(set scheduler.warmup_steps\)"):
        constant(_optimizer(), total_steps=5, warmup_steps=-1)


def _made(name: str, *, better: Literal["min", "max"] = "min", **values: Any) -> Any:
    factory = partial(getattr(torch.optim.lr_scheduler, name), **values)
    return scheduled(factory, _optimizer(), total_steps=10, mode=better)


def test_what_ends_with_the_run_is_told_how_long_it_is_unless_it_says_so() -> None:
    assert _rates(_made("CosineAnnealingLR"), 11)[-1] == pytest.approx(0)
    assert _made("CosineAnnealingLR", T_max=7).T_max == 7
    assert _made("OneCycleLR", max_lr=1.0).total_steps == 10
    assert _made("OneCycleLR", max_lr=1.0, total_steps=12).total_steps == 12
    assert _made("OneCycleLR", max_lr=1.0, epochs=4, steps_per_epoch=5).total_steps == 20
    assert _made("PolynomialLR", total_iters=3).total_iters == 3


@pytest.mark.parametrize(
    "name, values",
    [
        ("StepLR", {"step_size": 2}),
        ("MultiStepLR", {"milestones": [2, 3]}),
        ("ConstantLR", {}),
        ("LinearLR", {}),
        ("ExponentialLR", {"gamma": 0.5}),
        ("CosineAnnealingWarmRestarts", {"T_0": 2}),
        ("CyclicLR", {"base_lr": 0.1, "max_lr": 1.0, "cycle_momentum": False, "mode": "triangular2"}),
    ],
)
def test_any_of_torchs_is_as_torch_makes_it(name: str, values: dict[str, Any]) -> None:
    torchs = getattr(torch.optim.lr_scheduler, name)(_optimizer(), **values)
    made = _made(name, better="max", **values)
    assert _rates(made, 7) == _rates(torchs, 7)
    torch.save(made.state_dict(), stored := io.BytesIO())  # a checkpoint is read as plain values
    torch.load(io.BytesIO(stored.getvalue()), weights_only=True)


def test_the_rates_that_a_schedule_has_of_its_own_are_multiplied_too() -> None:
    factory = partial(torch.optim.lr_scheduler.OneCycleLR, max_lr=1.0)
    one, twice = [scheduled(factory, _optimizer(), total_steps=10, mode="min", multiple=by) for by in (1.0, 2.0)]
    assert _rates(twice, 10) == pytest.approx([2 * rate for rate in _rates(one, 10)])


def test_a_plateau_is_where_the_monitored_metric_gets_no_better() -> None:
    assert _made("ReduceLROnPlateau", better="max").mode == "max"
    with pytest.raises(ValueError, match=r"mode must be max, as task.mode is, got 'min' \(set scheduler.mode\)"):
        scheduled(
            partial(torch.optim.lr_scheduler.ReduceLROnPlateau, mode="min"), _optimizer(), total_steps=3, mode="max"
        )


def test_a_users_own_schedule_may_take_the_length_or_not() -> None:
    def with_length(optimizer: torch.optim.Optimizer, **given: int) -> LambdaLR:
        assert given == {"total_steps": 10}
        return LambdaLR(optimizer, lambda step: 1.0)

    for factory in (with_length, lambda optimizer: LambdaLR(optimizer, lambda step: 1.0)):
        assert _rates(scheduled(factory, _optimizer(), total_steps=10, mode="min"), 3) == [2.0] * 3
    with pytest.raises(ValueError, match=r"^a scheduler must make a .*LRScheduler, got list \(set scheduler=...\)$"):
        scheduled(lambda optimizer: [], _optimizer(), total_steps=10, mode="min")


def test_one_that_ends_with_an_error_must_not_end_before_the_run() -> None:
    check_length(_made("OneCycleLR", max_lr=1.0), 10)
    with pytest.raises(ValueError, match=r"the 11 updates of this run or more, got 10 \(set scheduler.total_steps\)"):
        check_length(_made("OneCycleLR", max_lr=1.0), 11)
