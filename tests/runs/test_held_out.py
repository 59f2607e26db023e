"""What is held out of a run's own images stays so, however its folder is spelled."""

import re
from pathlib import Path
from typing import Any

import pytest

from attnlab.errors import UserError
from attnlab.runs.held_out import check_held_out


@pytest.mark.parametrize(
    "change, refused",
    [
        ({"test_share": 0.3}, "data.source.test_share=0.3 and not 0.1"),
        ({"test": None}, "data.source.test=None and not test.json"),
        ({"test": "other.json"}, None),
        ({"repair": True}, None),
    ],
)
def test_boxed_images_that_training_saw_are_no_test(change: dict[str, Any], refused: str | None) -> None:
    source = {"train": "train.json", "test": "test.json", "val_share": 0.1, "test_share": 0.1}
    trained = {"root": "here", "source": source}
    given = {"root": "here", "source": source | change}
    check_held_out(trained, given | {"root": "there"})
    spelled = given | {"root": f"{Path.cwd()}/there/../here/"}
    if refused is None:
        check_held_out(trained, given)
        return
    for each in (given, spelled):
        with pytest.raises(UserError, match=f"got {re.escape(refused)} "):
            check_held_out(trained, each)
