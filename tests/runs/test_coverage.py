"""What was scored of a split is counted, over all processes, as Lightning limits it."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from attnlab.runs.coverage import Covered, covered, partial_warnings


class Plans:
    """Seven batches of 2, 3, ... examples, dealt out in turn."""

    def evaluation_plan(self, split: str, *, rank: int, world_size: int) -> list[Any]:
        return [np.zeros(size) for size in range(2, 9)][rank::world_size]


DATA: Any = SimpleNamespace(plans=Plans(), num_examples=lambda _: 35)


@pytest.mark.parametrize(
    "limit, processes, scored",
    [(1.0, 1, 35), (1.0, 3, 35), (2, 1, 5), (2, 3, 27), (99, 1, 35), (0.5, 1, 9), (0.5, 2, 9), (0, 1, 0), (0.0, 1, 0)],
)
def test_covered(limit: float, processes: int, scored: int) -> None:
    trainer: Any = SimpleNamespace(limit_val_batches=limit, limit_test_batches=1.0, world_size=processes)
    assert covered(trainer, DATA, "val") == Covered(scored, 35)
    assert covered(trainer, DATA, "test") == Covered(35, 35)


def test_only_a_part_is_warned_of() -> None:
    assert partial_warnings(Covered(35, 35)) == []
    [warning] = partial_warnings(Covered(5, 35))
    assert warning["message"] == "scores are of 5 of 35 test examples (trainer.limit_test_batches)"
