"""Statistics of the same examples from several places."""

from attnlab.metrics.records.contract import joined


def test_statistics_are_joined_by_id_in_the_order_of_the_first() -> None:
    losses = {5: {"loss": [1.5, 2]}, 3: {"loss": [0.5, 1]}}
    hits = {3: {"accuracy": [1, 1]}, 5: {"accuracy": [0, 1]}}
    found = joined(losses, hits)
    assert list(found) == [5, 3]
    assert found[3] == {"loss": [0.5, 1], "accuracy": [1, 1]}
