"""How many bytes decoding carries from one token to the next."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from attnlab.models.special_tokens import BOS

SOURCE = 2  # tokens of the shorter source that is read


@runtime_checkable
class _Decodes(Protocol):
    """An encoder-decoder (`attnlab.models.encoder_decoders`)."""

    def start(self, source: Tensor) -> Any: ...

    def step(self, token: Tensor, state: Any) -> tuple[Tensor, Any]: ...


@dataclass(frozen=True)
class StateBytes:
    """Of one hypothesis, numbers alone, without masks: `fixed`, and for each token that was written or of the source.

    Keys and values that are the same tensor count once.
    """

    fixed: int
    per_written_token: int
    per_source_token: int


def state_bytes(model: Any, *, device: str) -> StateBytes | None:
    """Of a model that writes token after token; None for others.

    By decoding one token and two, and a longer source. A state that grows by blocks would be told wrongly; none of
    ours does.
    """
    if not isinstance(model, _Decodes):
        return None
    sizes = ((SOURCE, 1), (SOURCE, 2), (SOURCE + 1, 1))
    first, longer, of_longer_source = (_bytes(_state(model, source, steps, device)) for source, steps in sizes)
    per_written, per_source = longer - first, of_longer_source - first
    return StateBytes(first - per_written - per_source * SOURCE, per_written, per_source)


@torch.no_grad()
def _state(model: _Decodes, source_length: int, steps: int, device: str) -> Any:
    state = model.start(torch.full((1, source_length), BOS, device=device))
    for _ in range(steps):
        _, state = model.step(torch.full((1,), BOS, device=device), state)
    return state


def _bytes(state: Any) -> int:
    unique = {id(each): each for each in _tensors(state) if each.is_floating_point()}
    return sum(each.numel() * each.element_size() for each in unique.values())


def _tensors(node: Any) -> Iterator[Tensor]:
    if isinstance(node, Tensor):
        yield node
    elif isinstance(node, (tuple, list)):
        for each in node:
            yield from _tensors(each)
    elif is_dataclass(node):
        for field in fields(node):
            yield from _tensors(getattr(node, field.name))
