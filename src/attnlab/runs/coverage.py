"""How much of a split an evaluation has looked at."""

from typing import Any, NamedTuple

from lightning.pytorch import Trainer

from attnlab.data.module import DataModule


class Covered(NamedTuple):
    """Examples of a split that are scored, of those that there are."""

    scored: int
    of: int


def covered(trainer: Trainer, data: DataModule, split: str) -> Covered:
    """What the trainer takes of `val` or `test`, by all processes together."""
    limit = {"val": trainer.limit_val_batches, "test": trainer.limit_test_batches}[split]
    scored = 0
    for rank in range(trainer.world_size):
        plan = data.plans.evaluation_plan(split, rank=rank, world_size=trainer.world_size)
        taken = min(limit, len(plan)) if isinstance(limit, int) else int(len(plan) * limit)  # as Lightning counts
        scored += sum(len(rows) for rows in plan[:taken])
    return Covered(scored, data.num_examples(split))


def partial_warnings(test: Covered) -> list[dict[str, Any]]:
    """What there is to say of scores that aren't the whole split's."""
    if test.scored == test.of:
        return []
    message = f"scores are of {test.scored} of {test.of} test examples (trainer.limit_test_batches)"
    return [{"kind": "partial_test", "message": message}]
