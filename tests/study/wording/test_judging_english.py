"""How arms were judged, in English."""

from attnlab.study.wording import judging_english


def test_one_run_is_no_plural() -> None:
    assert judging_english.earlier(1).startswith("1 run is of before")
    assert judging_english.earlier(2).startswith("2 runs are of before")


def test_what_runs_report_is_told_arm_by_arm() -> None:
    said = judging_english.without_bias("fid_x", [("uniform", "5.21"), ("dot", "-")])
    assert said.endswith("with that bias, the means are: uniform 5.21, dot -.")
