"""A mean of batches is the mean of all, resumed or not."""

import pytest
import torch

from attnlab.tasks.training.running_mean import RunningMean

pytestmark = pytest.mark.text


def test_batches_weigh_by_their_size_and_taking_begins_anew() -> None:
    mean = RunningMean()
    mean.add(torch.tensor(6.0), torch.tensor(3))
    mean.add(torch.tensor(1.0), torch.tensor(4))
    assert float(mean.take()) == pytest.approx(1.0)
    mean.add(torch.tensor(5.0), torch.tensor(1))
    assert float(mean.take()) == pytest.approx(5.0)


def test_a_restored_mean_goes_on_to_the_same_bits() -> None:
    values = torch.rand(13, generator=torch.Generator().manual_seed(1))
    whole, first, second = RunningMean(), RunningMean(), RunningMean()
    for value in values:
        whole.add(value, torch.tensor(7))
    for value in values[:5]:
        first.add(value, torch.tensor(7))
    second.restore(first.state())
    for value in values[5:]:
        second.add(value, torch.tensor(7))
    assert torch.equal(second.take(), whole.take())


def test_all_processes_are_summed() -> None:
    mean = RunningMean()
    mean.add(torch.tensor(6.0), torch.tensor(3))
    assert float(mean.take(lambda pair, reduce_op: pair + torch.tensor([4.0, 2.0]))) == pytest.approx(2.0)
