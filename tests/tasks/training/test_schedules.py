"""Learning rates begin above zero, peak at the optimizer's own rate, and end where they say."""

import pytest
import torch
from torch.optim.lr_scheduler import LambdaLR

from attnlab.tasks.training.schedules import constant, warmup_cosine, warmup_inverse_sqrt

pytestmark = pytest.mark.text


def _rates(schedule: LambdaLR, num: int) -> list[float]:
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
