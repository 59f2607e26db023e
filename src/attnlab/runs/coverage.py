"""How much of a split an evaluation looks at."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from lightning.pytorch import Trainer

from attnlab.data.module import DataModule
from attnlab.errors import UserError


class Covered(NamedTuple):
    """Examples of a split that are scored, of those that there are."""

    scored: int
    of: int


def covered(trainer: Trainer, data: DataModule, split: str) -> Covered:
    """What the trainer takes of `val` or `test`, by all processes together."""
    limit = _limit(trainer, split)
    scored = 0
    for plan in _plans(trainer, data, split):
        taken = min(limit, len(plan)) if isinstance(limit, int) else int(len(plan) * limit)  # as Lightning counts
        scored += sum(len(rows) for rows in plan[:taken])
    return Covered(scored, data.num_examples(split))


def check_limits(trainer: Trainer, data: DataModule, splits: Sequence[str] = ("val", "test")) -> None:
    """UserError for a share of a split that is less than a batch, which Lightning would find when it begins there."""
    for split in splits:
        limit = _limit(trainer, split)
        fewest = min(len(plan) for plan in _plans(trainer, data, split))
        if isinstance(limit, float) and limit > 0 and fewest and int(fewest * limit) == 0:
            raise UserError(
                f"limit_{split}_batches must leave a batch, or be 0, got {limit} of {fewest} (set "
                f"trainer.limit_{split}_batches)"
            )


def partial_warnings(test: Covered) -> list[dict[str, Any]]:
    """What there is to say of scores that aren't the whole split's."""
    if test.scored == test.of:
        return []
    message = f"scores are of {test.scored:,} of {test.of:,} test examples (trainer.limit_test_batches)"
    return [{"kind": "partial_test", "message": message}]


def _limit(trainer: Trainer, split: str) -> int | float:
    return {"val": trainer.limit_val_batches, "test": trainer.limit_test_batches}[split]


def _plans(trainer: Trainer, data: DataModule, split: str) -> list[list[Any]]:
    """The batches of each process."""
    processes = range(trainer.world_size)
    return [list(data.plans.evaluation_plan(split, rank=rank, world_size=len(processes))) for rank in processes]
