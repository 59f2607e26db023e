"""What was scored of a split is counted, over all processes, as Lightning limits it."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from attnlab.errors import UserError
from attnlab.runs.coverage import Covered, check_limits, covered, partial_warnings


class Plans:
    """Seven batches of 2, 3, ... examples, dealt out in turn."""

    def evaluation_plan(self, split: str, *, rank: int, world_size: int) -> list[Any]:
        return [np.zeros(size) for size in range(2, 9)][rank::world_size]


def _trainer(*, val: float, test: float, processes: int) -> Any:
    return SimpleNamespace(limit_val_batches=val, limit_test_batches=test, world_size=processes)


DATA: Any = SimpleNamespace(plans=Plans(), num_examples=lambda _: 35)


@pytest.mark.parametrize(
    "limit, processes, scored",
    [(1.0, 1, 35), (1.0, 3, 35), (2, 1, 5), (2, 3, 27), (99, 1, 35), (0.5, 1, 9), (0.5, 2, 9), (0, 1, 0), (0.0, 1, 0)],
)
def test_covered(limit: float, processes: int, scored: int) -> None:
    trainer = _trainer(val=limit, test=1.0, processes=processes)
    assert covered(trainer, DATA, "val") == Covered(scored, 35)
    assert covered(trainer, DATA, "test") == Covered(35, 35)


def test_a_share_without_a_batch_is_refused() -> None:
    for limit in (0, 0.0, 0.15, 1.0, 1):
        check_limits(_trainer(val=limit, test=1, processes=1), DATA)
    trainer = _trainer(val=1.0, test=0.4, processes=3)
    with pytest.raises(UserError, match=r"^limit_test_batches must leave a batch, or be 0, got 0.4 of 2 \(set"):
        check_limits(trainer, DATA)
    check_limits(trainer, DATA, ["val"])


def test_only_a_part_is_warned_of() -> None:
    assert partial_warnings(Covered(35, 35)) == []
    [warning] = partial_warnings(Covered(5, 35))
    assert warning["message"] == "scores are of 5 of 35 test examples (trainer.limit_test_batches)"
