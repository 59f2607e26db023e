"""Chinese has a word for everything that a verdict, a difference or a receipt may be."""

from typing import get_args

from attnlab.study.arms import Kind
from attnlab.study.html.receipts import PARTS
from attnlab.study.report import RECEIPTS
from attnlab.study.statistics.verdict import Finding, Mark
from attnlab.study.wording import chinese


def test_nothing_lacks_its_word() -> None:
    assert set(chinese.FINDINGS) == set(get_args(Finding))
    assert set(chinese.MARKS) == set(get_args(Mark))
    assert set(chinese.KINDS) == set(get_args(Kind))
    assert set(chinese.RECEIPTS) == {*RECEIPTS, *PARTS, "cpu", "cores", "device"}


def test_more_keys_than_are_named_are_counted() -> None:
    assert "a、b、c 等 5 处" in chinese.confounded("none", control="uniform", keys=["a", "b", "c"], more=2)
