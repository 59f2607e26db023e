"""What is said once in English, beyond what pages' tests read."""

from attnlab.study.wording import english


def test_one_run_is_no_plural() -> None:
    assert english.earlier(1).startswith("1 run is of before")
    assert english.earlier(2).startswith("2 runs are of before")


def test_more_keys_than_are_named_are_counted() -> None:
    said = english.confounded("none", control="uniform", keys=["a", "b", "c"], more=2)
    assert "(a, b, c and 2 more)" in said
