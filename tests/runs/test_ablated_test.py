"""When a run's test on record stands beside the one without its attention, and when it is done again."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch

from attnlab.config import identity
from attnlab.runs.ablated_test import why_again
from attnlab.runs.coverage import Covered
from attnlab.runs.evaluate import Ready
from attnlab.runs.surroundings import hardware

CPU = torch.device("cpu")
RECORD: dict[str, Any] = {
    "results": identity.RESULTS,
    "data": {"checksum": "abc"},
    "test_examples": {"scored": 7, "of": 7},
    "hardware": hardware(CPU),
    "versions": {"torch": torch.__version__},
    "precision": "32-true",
}


def why(**changed: Any) -> list[str]:
    trainer = SimpleNamespace(strategy=SimpleNamespace(root_device=CPU), precision="32-true")
    found = SimpleNamespace(test=Covered(7, 7), trainer=trainer)
    return list(why_again(RECORD | changed, cast(Ready, found), "abc"))


def test_a_test_of_the_same_examples_on_such_a_machine_isnt_done_again() -> None:
    assert why() == []


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"results": 1}, f"results 1 then, {identity.RESULTS} now"),
        ({"data": {"checksum": "abd"}}, "data abd then, abc now"),
        ({"test_examples": {"scored": 3, "of": 7}}, "test examples 3 then, 7 now"),
        ({"hardware": None}, "processor not recorded then, "),
        ({"versions": {"torch": "1.0.0+cpu"}}, "torch 1.0.0 then, "),
        ({"precision": "bf16-mixed"}, "precision bf16-mixed then, 32-true now"),
    ],
)
def test_whatever_may_move_a_score_has_it_done_again(changed: dict[str, Any], said: str) -> None:
    assert why(**changed)[0].startswith(said)
