"""What runs were warned of, by kind, with the arms it is of."""

import re
from pathlib import Path
from typing import Any

import pytest

import attnlab
from attnlab.study.run_warnings import KINDS, PASSED_OVER, Message, Warned, run_warnings
from attnlab.study.still_improving import Trained
from attnlab.study.wording import chinese, english
from attnlab.study.wording.contract import Wording


def _run(*warnings: Any) -> Trained:
    return Path("run"), {"warnings": list(warnings)}


def test_each_kind_is_told_once_with_its_arms_and_how_many_runs_have_it_the_gravest_first() -> None:
    cut = {"kind": "partial_test", "message": "1 of 2 tested"}
    unsure = {"kind": "no_best", "message": "nothing was validated"}
    arms = {"dot": [_run(cut, unsure), _run(unsure, unsure)], "uniform": [_run(unsure)], "local": [_run()]}
    assert list(run_warnings(arms)) == [
        Warned("no_best", (Message("nothing was validated", ("dot", "uniform"), 3),), ("dot", "uniform"), 3, 4),
        Warned("partial_test", (Message("1 of 2 tested", ("dot",), 1),), ("dot",), 1, 4),
    ]
    assert KINDS.index("no_best") < KINDS.index("partial_test")


def test_what_bears_on_no_verdict_and_what_no_run_wrote_is_passed_over() -> None:
    odd = [None, "no_best", {"kind": "no_best"}, {"kind": "zip_encoding", "message": "read as cp437"}]
    arms = {"dot": [_run(*odd), (Path("run"), {}), (Path("run"), {"warnings": {"kind": "no_best"}})]}
    assert list(run_warnings(arms)) == []


def test_what_the_data_say_of_test_is_told_before_what_they_say_of_val() -> None:
    shared = [{"kind": "empty_sources", "message": f"1 of 7 sources of {split} are empty"} for split in ("val", "test")]
    arms = {name: [_run(*shared)] for name in ("dot", "uniform")}
    assert list(run_warnings(arms)) == [
        Warned(
            "empty_sources",
            (Message("1 of 7 sources of test are empty", ("dot", "uniform"), 2),),
            ("dot", "uniform"),
            2,
            2,
        )
    ]


@pytest.mark.parametrize("words", [english, chinese])
def test_runs_that_were_warned_in_other_numbers_are_each_told_with_their_own(words: Wording) -> None:
    short, long = (
        _run({"kind": "warm_up_too_long", "message": f"the warm-up has 100 updates, the run {steps}"})
        for steps in (20, 60)
    )
    [found] = run_warnings({"dot": [short], "uniform": [long, long]})
    said = words.warned(found)
    for arm, steps in (("dot", "20"), ("uniform", "60")):
        assert said.index(steps) < said.index(f"{'（' if words is chinese else '('}{arm}")
    many = {f"arm{n}": [_run({"kind": "no_best", "message": f"nothing of {n}"})] for n in range(6)}
    [found] = run_warnings(many)
    assert "3" in words.warned(found)
    assert len(words.warned(found)) < 200


def test_every_kind_of_warning_is_told_or_has_a_reason_not_to() -> None:
    called = r'(?:\bwarn|_warn|\b(?:self|doubts)\.add|_warning|_note|\bLeak|\byield )\(\s*f?"([a-z_{}]+)",'
    paired = r'"kind": "([a-z_]+)", "message"|\("([a-z]+_[a-z_]+)", message\)'
    sources = [path.read_text(encoding="utf-8") for path in Path(attnlab.__file__).parent.rglob("*.py")]
    kinds = {"".join(found) for text in sources for found in re.findall(f"{called}|{paired}", text)}
    of_sides = {f"empty_{side}" for side in ("sources", "targets", "documents", "summaries")}
    of_splits = {f"{split}_in_training" for split in ("val", "test")}
    assert (kinds - {"empty_{side}", "{split}_in_training"}) | of_sides | of_splits == {*KINDS, *PASSED_OVER}
    assert not {*KINDS} & {*PASSED_OVER}
