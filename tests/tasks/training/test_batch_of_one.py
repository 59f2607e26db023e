"""A norm over a batch of one image is told before training, and only where there is such a batch."""

from typing import cast

import pytest
import torch
from torch import nn

from attnlab.data.loading.even_batches import EvenPlans
from attnlab.data.module import DataModule
from attnlab.errors import UserError
from attnlab.feature_attention import BamFeatureAttention, CbamFeatureAttention
from attnlab.tasks.training.batch_of_one import check_batch_of_one, on_one


class _Data:
    def __init__(self, num: int, batch_size: int) -> None:
        self.plans = EvenPlans(num_items={"train": num}, batch_size=batch_size, seed=0)

    def num_examples(self, split: str) -> int:
        return self.plans.num_examples(split)


def _check(num: int, batch_size: int, network: nn.Module, *, world_size: int = 1) -> None:
    data = cast(DataModule, _Data(num, batch_size))
    check_batch_of_one(data, world_size, lambda: on_one(network, torch.zeros(1, 16, 2, 2)))


def test_a_batch_of_one_is_refused_where_a_norm_has_one_value() -> None:
    bam = BamFeatureAttention(16, max_size=(2, 2))
    for num, batch_size, world_size in ((5, 1, 1), (7, 2, 1), (2, 2, 2)):
        with pytest.raises(UserError, match=rf"got a batch of 1 of {num} images \(set a larger data.batch_size, or"):
            _check(num, batch_size, bam, world_size=world_size)
    _check(8, 2, bam)
    _check(7, 3, bam)  # three, two and two


def test_what_takes_a_batch_of_one_is_let_be_and_left_as_it_was() -> None:
    network = nn.Sequential(nn.BatchNorm2d(16), nn.Dropout(), CbamFeatureAttention(16, max_size=(2, 2))).eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    random = torch.get_rng_state()
    _check(5, 1, network)
    assert all(torch.equal(value, network.state_dict()[name]) for name, value in before.items())
    assert torch.equal(random, torch.get_rng_state())
    assert not network.training


def test_another_error_is_none_of_its_own() -> None:
    class Own(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raise ValueError("of mine")

    with pytest.raises(ValueError, match="of mine"):
        _check(5, 1, Own())
