"""What is said of texts of val and test that are empty, or known from training."""

from typing import Any

import numpy as np
import pytest

from attnlab.data.text.held_out import (
    check_not_empty,
    count_copies,
    count_empty,
    count_in_training,
    warn_of_cut,
    warn_of_unread,
)
from attnlab.errors import UserError
from attnlab.reporting.messages.chinese import said_in_chinese


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


def test_one_source_that_is_cut_is_said_and_a_target_where_its_loss_is_of_a_part() -> None:
    warnings: list[dict[str, Any]] = []
    warn_of_cut("val", np.array([[7, 11], [5, 3]]), (7, 11), warnings)
    assert warnings == []
    warn_of_cut("test", np.array([[8, 11], [5, 12], [5, 13]]), (7, 11), warnings)
    assert {each["kind"]: each["message"] for each in warnings} == {
        "cut_sources": "1 of 3 sources of test are cut to data.max_source_length=7, and are scored against whole "
        "references (set data.max_source_length)",
        "cut_targets": "2 of 3 targets of test are cut to data.max_target_length=11 in its loss, and are whole in "
        "other scores (set data.max_target_length)",
    }
    assert all("测试集" in str(said_in_chinese(each["message"])) for each in warnings)


def test_documents_may_be_cut_but_not_to_a_small_part_of_them() -> None:
    warnings: list[dict[str, Any]] = []
    warn_of_unread("test", np.array([11, 997, 1009]), 503, warnings)  # half of them, as is common
    assert warnings == []
    warn_of_unread("test", np.array([11, 997, 1009]), 101, warnings)
    [warning] = warnings
    assert warning["kind"] == "cut_documents"
    assert warning["message"].startswith("11% of the tokens of documents of test are read, as 2 of 3 are cut to ")
    assert "测试集" in str(said_in_chinese(warning["message"]))
