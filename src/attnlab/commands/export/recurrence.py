"""Recurrent nets in a graph of any length: whole, as ONNX knows them, or as loops, which torch itself reads."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

# torch's own operations of these names fall into a step for each place while they are traced; these stay as they are.
_ARGUMENTS = (
    "Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional, bool batch_first"
)
torch.library.define("attnlab::gru", f"(Tensor input, Tensor hx, {_ARGUMENTS}) -> (Tensor, Tensor)")
torch.library.define("attnlab::lstm", f"(Tensor input, Tensor[] hx, {_ARGUMENTS}) -> (Tensor, Tensor, Tensor)")


def _gru(*arguments: Any) -> tuple[Tensor, Tensor]:
    return torch.gru(*arguments)


def _gru_form(input: Tensor, hx: Tensor, *rest: Any) -> tuple[Tensor, Tensor]:
    return _output_form(input, hx, rest), torch.empty_like(hx)


def _lstm(*arguments: Any) -> tuple[Tensor, Tensor, Tensor]:
    return torch.lstm(*arguments)


def _lstm_form(input: Tensor, hx: list[Tensor], *rest: Any) -> tuple[Tensor, Tensor, Tensor]:
    return _output_form(input, hx[0], rest), torch.empty_like(hx[0]), torch.empty_like(hx[1])


def _output_form(input: Tensor, state: Tensor, rest: tuple[Any, ...]) -> Tensor:
    *_, bidirectional, _ = rest
    return input.new_empty(*input.shape[:2], state.shape[2] * (2 if bidirectional else 1))


for _name, _kernel, _form in (("gru", _gru, _gru_form), ("lstm", _lstm, _lstm_form)):
    torch.library.impl(f"attnlab::{_name}", "CompositeExplicitAutograd", _kernel)
    torch.library.register_fake(f"attnlab::{_name}", _form)


def _whole_gru(net: nn.GRU, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
    state = _zeros(net, x) if state is None else state
    output, last = torch.ops.attnlab.gru(x, state, *_settings(net))
    return output, last


def _whole_lstm(
    net: nn.LSTM, x: Tensor, state: tuple[Tensor, ...] | None = None
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    states = [_zeros(net, x), _zeros(net, x)] if state is None else list(state)
    output, hidden, memory = torch.ops.attnlab.lstm(x, states, *_settings(net))
    return output, (hidden, memory)


def _zeros(net: nn.RNNBase, x: Tensor) -> Tensor:
    num_layers = net.num_layers * (2 if net.bidirectional else 1)
    return x.new_zeros(num_layers, x.size(0 if net.batch_first else 1), net.hidden_size)


def _settings(net: nn.RNNBase) -> tuple[Any, ...]:
    return net._flat_weights, net.bias, net.num_layers, 0.0, False, net.bidirectional, net.batch_first


@contextmanager
def whole(network: nn.Module) -> Iterator[None]:
    """Every recurrent net is one operation."""
    nets = [each for each in network.modules() if isinstance(each, nn.GRU | nn.LSTM)]
    for net in nets:
        call: Any = _whole_gru if isinstance(net, nn.GRU) else _whole_lstm
        net.__dict__["forward"] = partial(call, net)  # in the class's place, for a while
    try:
        yield
    finally:
        for net in nets:
            del net.__dict__["forward"]


@contextmanager
def as_loops(network: nn.Module) -> Iterator[None]:
    """Every recurrent net is a loop over places, as torch has it for graphs."""
    from torch import _dynamo
    from torch.export import _patches

    _dynamo.reset()  # or the lengths of an earlier graph's loops would be this one's
    with _patches.register_lstm_while_loop_decomposition(), _patches.register_gru_while_loop_decomposition():
        yield


def in_onnx() -> dict[Callable[..., Any], Callable[..., Any]]:
    """What ONNX has for these operations: its own GRU and LSTM."""
    from onnxscript.function_libs.torch_lib.ops import core

    return {torch.ops.attnlab.gru.default: core.aten_gru, torch.ops.attnlab.lstm.default: core.aten_lstm}
