"""Too few pictures to score are told before any training, with keys that cure it."""

from pathlib import Path
from typing import Any, cast

import pytest

from attnlab.data.loading.even_batches import EvenPlans
from attnlab.data.module import DataModule
from attnlab.errors import UserError
from attnlab.tasks.adversarial.enough_pictures import check_enough


class _Data:
    """Six images in val, three in test, in batches of two."""

    def __init__(self) -> None:
        self.root = Path("photos")
        self.remedies = {"val": "add images, or set data.val_share"}
        self.plans = EvenPlans(num_items={"train": 9, "val": 6, "test": 3}, batch_size=2, seed=0)

    def num_examples(self, split: str) -> int:
        return self.plans.num_examples(split)


DATA = cast(DataModule, _Data())


@pytest.mark.parametrize("changes", [{}, {"limit": 2}, {"limit": 0.7}, {"num_samples": 4}, {"world_size": 3}])
def test_four_of_each_kind_are_enough(changes: dict[str, Any]) -> None:
    check_enough(DATA, "val", **({"limit": 1.0, "num_samples": None} | changes))


@pytest.mark.parametrize(
    "split, changes, message",
    [
        ("test", {}, r"got 3 of test in photos \(set data=... to other images\)"),
        ("val", {"limit": 1}, r"got 2 of val in photos \(set a larger trainer.limit_val_batches\)"),
        ("val", {"limit": 0.34}, r"got 2 of val in photos \(set a larger trainer.limit_val_batches\)"),
        ("val", {"limit": 2, "num_samples": 4}, r"got [123] for val \(set a larger task.num_samples or trainer.limit_"),
    ],
)
def test_fewer_are_refused(split: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        check_enough(DATA, split, **({"limit": 1.0, "num_samples": None} | changes))
