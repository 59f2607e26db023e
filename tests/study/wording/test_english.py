"""What is said once in English, beyond what pages' tests read."""

from attnlab.study.wording import english


def test_more_keys_than_are_named_are_counted() -> None:
    said = english.confounded("none", control="uniform", keys=["a", "b", "c"], more=2)
    assert "(a, b, c and 2 more)" in said
