"""Statistics of the same examples from several places."""

import pytest

from attnlab.metrics.records.contract import Records, by_id, joined, run_of


def test_statistics_are_joined_by_id_in_the_order_of_the_first() -> None:
    losses = {5: {"loss": [1.5, 2]}, 3: {"loss": [0.5, 1]}}
    hits = {3: {"accuracy": [1, 1]}, 5: {"accuracy": [0, 1]}}
    found = joined(losses, hits)
    assert list(found) == [5, 3]
    assert found[3] == {"loss": [0.5, 1], "accuracy": [1, 1]}


def test_each_prediction_has_its_row_and_there_are_as_many() -> None:
    assert by_id([{"id": 5}, {"id": 3}], [{"a": [1]}, {"a": [2]}]) == {5: {"a": [1]}, 3: {"a": [2]}}
    with pytest.raises(ValueError, match=r"zip"):
        by_id([{"id": 5}], [])


def test_a_run_is_told_from_another_by_its_data_and_its_result() -> None:
    metrics = {"results": 3, "steps": 7, "data": {"checksum": "ab"}, "best": {"step": 5}, "test": {"loss": 0.5}}
    assert run_of(metrics) == {"results": 3, "data": "ab", "steps": 7, "best": 5, "loss": 0.5}
    for name in ("results", "steps", "data", "best", "test"):
        assert run_of(metrics) != run_of({key: value for key, value in metrics.items() if key != name})
    assert run_of({"data": "text", "best": None}) == dict.fromkeys(["results", "data", "steps", "best", "loss"])


def test_a_test_that_says_nothing_has_nothing() -> None:
    empty = Records()
    assert (empty.examples, empty.scores, empty.without, empty.of_run) == ({}, {}, {}, {})
