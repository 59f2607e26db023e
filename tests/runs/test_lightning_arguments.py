"""What `trainer.lightning` may hold: Lightning's own arguments, but for those that attnlab sets."""

import inspect
import re
from typing import Any

import pytest
from lightning.pytorch import Trainer

from attnlab.runs.lightning_arguments import SET, check_lightning_arguments


@pytest.mark.parametrize(
    "given, message",
    [
        ({"fast_dev_run": True}, "lightning.fast_dev_run is for attnlab to set, got True (set trainer=debug)"),
        ({"gradient_clip_val": 1}, "got 1 (set task.clip_norm or trainer.clip_value)"),
        ({"barebones": True}, "lightning.barebones is for attnlab to set, got True (drop trainer.lightning.barebones)"),
        (
            {"determinstic": True},
            "takes no 'determinstic' (did you mean deterministic?); left to trainer.",
        ),
        (
            {"min_steps": "x"},
            "lightning.min_steps isn't what Lightning's Trainer takes, got 'x' (set trainer.",
        ),
        ({"benchmark": 3}, "lightning.benchmark isn't what Lightning's Trainer takes, got 3"),
    ],
)
def test_what_cannot_be_is_named_with_what_to_do(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        check_lightning_arguments(given)


def test_what_is_left_passes() -> None:
    check_lightning_arguments({"deterministic": "warn", "benchmark": None, "min_steps": 3, "profiler": "simple"})
    check_lightning_arguments({})


def test_every_argument_that_is_set_here_is_one_of_lightnings() -> None:
    assert not set(SET) - inspect.signature(Trainer).parameters.keys()
