"""What a page is of."""

from dataclasses import replace
from pathlib import Path

from tiny_results import made_results

from attnlab.reporting.pages.report.contents import Text
from attnlab.study.arms import Difference
from attnlab.study.html.of_study import subject_of
from attnlab.study.html.subject import Run, in_both, shown_by


def test_an_arm_is_confounded_by_one_difference_that_is_no_mechanism(tmp_path: Path) -> None:
    arm = subject_of(made_results(tmp_path)).of["additive"]
    mechanism, other = (Difference("model.depth", 1, 2, kind) for kind in ("mechanism", "confounded"))
    assert not replace(arm, differences=[mechanism]).confounded
    assert replace(arm, differences=[mechanism, other]).confounded


def test_both_languages_say_it() -> None:
    assert in_both(lambda words: words.TITLES.verdicts) == Text("Verdicts", "结论")


def test_which_run_is_shown_is_said_once_of_a_seed_that_all_share() -> None:
    runs = {name: Run(3, Path("outputs") / f"{name}1", {}) for name in ("a", "b")}
    assert shown_by(runs).english.endswith("seed 3 alone (folders: a a1, b b1).")
    apart = shown_by(runs | {"b": Run(4, Path("b2"), {})})
    assert "a a1 with seed 3, b b2 with seed 4" in apart.english
    assert "b b2 种子 4" in apart.chinese
