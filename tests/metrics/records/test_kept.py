"""Statistics of examples are summed by their ids, whatever batches they came in."""

import pytest
import torch

from attnlab.metrics.records.kept import KeptStatistics


def _kept() -> KeptStatistics:
    kept = KeptStatistics()
    kept.add("loss", torch.tensor([5, 3]), torch.tensor([[1.5, 2.0], [0.5, 1.0]]))
    kept.add("loss", torch.tensor([5, 7]), torch.tensor([[2.5, 3.0], [4.0, 2.0]]))
    kept.add("words", torch.tensor([7]), torch.tensor([[3, 0]]))
    return kept


def test_rows_of_one_id_add_up_by_name() -> None:
    assert _kept() == {
        5: {"loss": [4.0, 5.0]},
        3: {"loss": [0.5, 1.0]},
        7: {"loss": [4.0, 2.0], "words": [3, 0]},
    }


def test_a_mean_is_of_all_weight_and_something_else_without_any() -> None:
    assert _kept().mean("loss", otherwise=-1.0) == pytest.approx(8.5 / 8)
    assert _kept().mean("words", otherwise=-1.0) == -1.0
    assert _kept().mean("nothing", otherwise=-1.0) == -1.0


def test_a_process_alone_has_them_in_the_order_of_ids() -> None:
    gathered = _kept().gathered()
    assert list(gathered) == [3, 5, 7]
    assert gathered == _kept()
