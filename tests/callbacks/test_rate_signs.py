"""A rate at which nothing is learned stands with the results, and one that teaches is passed over."""

from types import SimpleNamespace
from typing import Any

import pytest

from attnlab.callbacks.rate_signs import RateSigns


@pytest.mark.parametrize(
    "optimizer, scheduler, updates, kinds",
    [
        ({"lr": 0}, {}, 2, ["rate_of_zero"]),
        ({"lr": 0.0}, {"max_lr": 0.0}, 2, ["rate_of_zero"]),
        ({"lr": 0.0}, {"max_lr": 0.1}, 2, []),
        ({"lr": 0.1}, {"warmup_steps": 500}, 53, ["warm_up_too_long"]),
        ({"lr": 0.1}, {"warmup_steps": 500}, 2, ["warm_up_too_long"]),  # a first look
        ({"lr": 0.1}, {"warmup_steps": 53}, 53, []),
        ({}, {}, 53, []),  # of an optimizer that has its own keys
    ],
)
def test_a_rate_that_teaches_nothing_is_told(
    optimizer: dict[str, Any], scheduler: dict[str, Any], updates: int, kinds: list[str]
) -> None:
    signs, trainer, task = RateSigns(optimizer=optimizer, scheduler=scheduler), SimpleNamespace(max_steps=updates), None
    for _ in range(2):  # a run that goes on tells it once
        signs.on_fit_start(trainer, task)  # type: ignore[arg-type]  # what it asks of them
    assert [each["kind"] for each in signs.warnings] == kinds
