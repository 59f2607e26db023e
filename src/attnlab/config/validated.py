"""Whether a run, as its configuration has it, is validated at all: what chooses among runs goes by that."""

from collections.abc import Mapping
from typing import Any

from attnlab.errors import UserError


def check_validated(trainer: Mapping[str, Any], *, who: str) -> None:
    """Raise UserError for a run that ends before its first validation, or has none; `who` goes by them."""
    steps, interval = trainer["max_steps"], trainer["val_check_interval"]
    if trainer["max_epochs"] is None and steps is not None and 0 < steps < interval:
        raise UserError(
            f"{who}, and no run would be validated, got trainer.max_steps={steps} with a validation every {interval} "
            "updates (set trainer.val_check_interval)"
        )
    if trainer.get("limit_val_batches") == 0:
        raise UserError(f"{who}, and no run would be validated (set trainer.limit_val_batches)")
