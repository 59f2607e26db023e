"""What a page is of."""

from dataclasses import replace
from pathlib import Path

from tiny_results import made_results

from attnlab.reporting.pages.report.contents import Text
from attnlab.study.arms import Difference
from attnlab.study.html.of_study import subject_of
from attnlab.study.html.subject import in_both


def test_an_arm_is_confounded_by_one_difference_that_is_no_mechanism(tmp_path: Path) -> None:
    arm = subject_of(made_results(tmp_path)).of["additive"]
    mechanism, other = (Difference("model.depth", 1, 2, kind) for kind in ("mechanism", "confounded"))
    assert not replace(arm, differences=[mechanism]).confounded
    assert replace(arm, differences=[mechanism, other]).confounded


def test_both_languages_say_it() -> None:
    assert in_both(lambda words: words.TITLES.verdicts) == Text("Verdicts", "结论")
