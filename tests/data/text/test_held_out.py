"""What is said of texts of val and test that are empty, or known from training."""

from typing import Any

import pytest

from attnlab.data.text.held_out import check_not_empty, count_copies, count_empty, count_in_training
from attnlab.errors import UserError


def test_a_split_without_examples_is_refused() -> None:
    check_not_empty({"test": 1})
    with pytest.raises(UserError, match=r"^each split must have an example, got none in val \(set data.root\)$"):
        check_not_empty({"train": 2, "val": 0})


def test_counts_are_of_all_and_said_where_they_matter(caplog: pytest.LogCaptureFixture) -> None:
    warnings: list[dict[str, Any]] = []
    assert count_empty("test", {"sources": ["a", "\u2028 "], "targets": ["b", "c"]}, warnings) == {
        "sources": 1,
        "targets": 0,
    }
    texts = [str(number) for number in range(200)]
    assert count_in_training("val", "pairs", texts, {"1", "7", "x"}, warnings) == 2  # a hundredth, as by chance
    assert count_in_training("val", "pairs", texts, {"1", "7", "9"}, warnings) == 3
    pairs = [("a", "a"), ("b", "b"), ("c", "d"), ("e", "f")]
    assert [count_copies("train", pairs, warnings), count_copies("test", pairs[:3], warnings)] == [2, 2]
    assert [each["kind"] for each in warnings] == ["empty_sources", "val_in_training", "same_on_both_sides"]
    assert warnings[-1]["message"] == "2 of 3 pairs of test have the same text on both sides"
    assert caplog.messages == [each["message"] for each in warnings]
