"""Words of `trainer` that aren't known are told when a run is composed."""

from typing import Any

import pytest

from attnlab.config.compose import compose_run
from attnlab.config.trainer_words import check_words
from attnlab.errors import UserError


@pytest.mark.parametrize(
    "key, value, said",
    [
        ("accelerator", "cuda", "be one of auto, cpu, gpu, mps, got 'cuda'"),
        ("precision", "half", "be one of auto, 32-true, bf16-mixed, 16-mixed, bf16-true, 64-true, got 'half'"),
        ("strategy", "deepspeed", "be one of auto, ddp, fsdp, got 'deepspeed'"),
        ("fp32_precision", "fast", "be one of ieee, tf32, bf16 or null, got 'fast'"),
        ("accelerator", None, "be one of auto, cpu, gpu, mps, got None"),
    ],
)
def test_a_word_that_isnt_known_is_one_line_with_those_that_are(key: str, value: Any, said: str) -> None:
    with pytest.raises(UserError, match=rf"^trainer.{key} must {said} \(set trainer.{key}\)$"):
        check_words({key: value})


def test_composing_a_run_looks_at_them() -> None:
    with pytest.raises(UserError, match=r"trainer.strategy must be one of auto, ddp, fsdp, got 'ddb'"):
        compose_run(["trainer.strategy=ddb"])
