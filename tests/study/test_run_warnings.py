"""What runs were warned of, by kind, with the arms it is of."""

from pathlib import Path
from typing import Any

from attnlab.study.run_warnings import KINDS, Warned, run_warnings
from attnlab.study.still_improving import Trained


def _run(*warnings: Any) -> Trained:
    return Path("run"), {"warnings": list(warnings)}


def test_each_kind_is_told_once_with_its_arms_and_how_many_runs_have_it_the_gravest_first() -> None:
    cut = {"kind": "partial_test", "message": "1 of 2 tested"}
    unsure = {"kind": "no_best", "message": "nothing was validated"}
    arms = {"dot": [_run(cut, unsure), _run(unsure, unsure)], "uniform": [_run(unsure)], "local": [_run()]}
    assert list(run_warnings(arms)) == [
        Warned("no_best", "nothing was validated", ("dot", "uniform"), 3, 4),
        Warned("partial_test", "1 of 2 tested", ("dot",), 1, 4),
    ]
    assert KINDS.index("no_best") < KINDS.index("partial_test")


def test_what_bears_on_no_verdict_and_what_no_run_wrote_is_passed_over() -> None:
    odd = [None, "no_best", {"kind": "no_best"}, {"kind": "unknown_letters", "message": "3 letters"}]
    arms = {"dot": [_run(*odd), (Path("run"), {}), (Path("run"), {"warnings": {"kind": "no_best"}})]}
    assert list(run_warnings(arms)) == []
