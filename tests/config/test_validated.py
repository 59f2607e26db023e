"""A run that is never validated is no run to choose by."""

from typing import Any

import pytest

from attnlab.config.validated import check_validated
from attnlab.errors import UserError

TRAINER: dict[str, Any] = {"max_steps": 100, "max_epochs": None, "val_check_interval": 100, "limit_val_batches": None}


@pytest.mark.parametrize(
    "changed", [{}, {"val_check_interval": 7}, {"max_steps": 3, "max_epochs": 1}, {"max_steps": -1}]
)
def test_one_that_is_passes(changed: dict[str, Any]) -> None:
    check_validated(TRAINER | changed, who="it goes by val/loss")


@pytest.mark.parametrize(
    "changed, said",
    [
        (
            {"max_steps": 99},
            "got trainer.max_steps=99 with a validation every 100 updates (set trainer.val_check_inter",
        ),
        ({"limit_val_batches": 0}, "(set trainer.limit_val_batches)"),
    ],
)
def test_one_that_is_not_is_one_line(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=r"^it goes by val/loss, and no run would be validated") as refusal:
        check_validated(TRAINER | changed, who="it goes by val/loss")
    assert said in str(refusal.value)
