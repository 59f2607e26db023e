"""What a module holds and torch doesn't know of is found wherever it lies, and nothing else is."""

import re
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from attnlab.attention.unregistered import check_trained, unregistered


def holding(**values: Any) -> nn.Module:
    inner = nn.Linear(3, 5)
    for name, value in values.items():
        setattr(inner, name, value)
    return nn.Sequential(inner)


TENSOR = "a tensor that wants a gradient but"
LEARNS = [
    (torch.zeros(7, requires_grad=True), f"gain of Linear is {TENSOR} is no nn.Parameter", "Parameter"),
    ([torch.zeros(7, requires_grad=True)], f"gain[0] of Linear is {TENSOR} is no nn.Parameter", "ParameterList"),
    ({"a": nn.Parameter(torch.zeros(7))}, f"gain['a'] of Linear is {TENSOR} stands in no", "ParameterDict"),
    ([nn.ReLU(), (nn.Linear(7, 11),)], "gain[1][0] of Linear is a module in a plain list", "ModuleList"),
    ({"a": nn.Linear(7, 11)}, "gain['a'] of Linear is a module in a plain dict", "ModuleDict"),
]


@pytest.mark.parametrize("value, said, written", LEARNS)
def test_what_was_to_be_trained_is_found_and_refused(value: Any, said: str, written: str) -> None:
    (found,) = unregistered(holding(gain=value))
    assert found.learns
    with pytest.raises(ValueError, match=f"^{re.escape(said)}") as caught:
        check_trained(holding(gain=value))
    assert str(caught.value).endswith(f"never trained, saved or moved (write self.gain = nn.{written}(...))")


def test_a_tensor_that_is_no_buffer_is_found_but_not_refused() -> None:
    (found,) = unregistered(holding(slopes=torch.arange(7)))
    assert not found.learns
    assert "write self.register_buffer('slopes', ...)" in found.said
    check_trained(holding(slopes=torch.arange(7)))


class Whole(nn.Module):
    """With a second name for what torch knows, a number, and what has nothing to train."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(3, 5)  # which lists its own weights
        self.layers = nn.ModuleList([nn.Linear(3, 5)])
        self.register_buffer("slopes", torch.zeros(7), persistent=False)
        self.first: list[nn.Module] = [self.layers[0]]
        self.tied: tuple[Tensor, ...] = (next(self.layers.parameters()), self.get_buffer("slopes"))
        self.scale = torch.tensor(3.0)
        self.activations = {"gelu": nn.GELU()}


def test_what_is_registered_elsewhere_or_has_nothing_to_train_is_let_be() -> None:
    assert list(unregistered(Whole())) == []
