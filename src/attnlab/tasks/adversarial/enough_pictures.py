"""Whether an evaluation will see pictures enough to score."""

import itertools

from attnlab.data.module import DataModule
from attnlab.errors import UserError
from attnlab.metrics.generation.scores import FEWEST


def check_enough(
    data: DataModule, split: str, *, limit: float | None, num_samples: int | None, world_size: int = 1
) -> None:
    """Count the real pictures of a split that are scored, and the samples that go with them.

    Args:
        limit: of batches, the trainer's `limit_val_batches` or `limit_test_batches`: a number of them, or a share.
        num_samples: asked for; None for as many as the split has images.

    Raises:
        UserError: one kind is too few.
    """
    ids = []
    for rank in range(world_size):
        plan = data.plans.evaluation_plan(split, rank=rank, world_size=world_size)
        num = len(plan) if limit is None else int(limit * len(plan)) if isinstance(limit, float) else limit
        ids += list(itertools.chain.from_iterable(rows.tolist() for rows in plan[:num]))
    whole = data.num_examples(split)
    limited = len(ids) < whole
    if len(ids) < FEWEST:
        remedy = data.remedies.get(split, "set data=... to other images")
        if limited and whole >= FEWEST:
            remedy = f"set a larger trainer.limit_{split}_batches"
        raise UserError(
            f"scores need {FEWEST} real pictures or more, got {len(ids)} of {split} in "
            f"{data.root or type(data).__name__} ({remedy})"
        )
    scored = num_samples or whole
    taken = sum(len(range(first, scored, whole)) for first in ids)
    if taken < FEWEST:
        remedy = f"task.num_samples or trainer.limit_{split}_batches"
        raise UserError(f"scores need {FEWEST} samples or more, got {taken} for {split} (set a larger {remedy})")
