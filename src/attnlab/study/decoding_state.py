"""How many bytes decoding carries from one token to the next."""

from collections.abc import Iterator, Mapping
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


@runtime_checkable
class _ReadsOn(Protocol):
    """A language model (`attnlab.models.language_models`)."""

    max_length: int

    def advance(self, tokens: Tensor, state: Any = None) -> tuple[Tensor, Any]: ...


@dataclass(frozen=True)
class StateBytes:
    """Of one hypothesis, numbers alone, without masks: `fixed`, and for each token that was written or of the source.

    A language model's source is the text that it continues, of which a token takes what one that was written does. Keys
    and values that are the same tensor count once.
    """

    fixed: int
    per_written_token: int
    per_source_token: int


def state_bytes(model: Any, *, device: str) -> StateBytes | None:
    """Of a model that writes token after token; None for others.

    By decoding one token and two, and, of an encoder-decoder, a longer source. A state that grows by blocks would be
    told wrongly; none of ours does.
    """
    if isinstance(model, _Decodes):
        return _of_decoder(model, device)
    if isinstance(model, _ReadsOn):
        return _of_reader(model, device)
    return None


def _of_decoder(model: _Decodes, device: str) -> StateBytes:
    sizes = ((SOURCE, 1), (SOURCE, 2), (SOURCE + 1, 1))
    first, longer, of_longer_source = (_bytes(_decoded(model, source, steps, device)) for source, steps in sizes)
    per_written, per_source = longer - first, of_longer_source - first
    return StateBytes(first - per_written - per_source * SOURCE, per_written, per_source)


def _of_reader(model: _ReadsOn, device: str) -> StateBytes | None:
    """None of one that reads a single token, of which nothing grows."""
    if model.max_length < 2:
        return None
    first, longer = (_bytes(_read(model, steps, device)) for steps in (1, 2))
    per_token = longer - first
    return StateBytes(first - per_token, per_token, per_token)


@torch.no_grad()
def _decoded(model: _Decodes, source_length: int, steps: int, device: str) -> Any:
    state = model.start(torch.full((1, source_length), BOS, device=device))
    for _ in range(steps):
        _, state = model.step(torch.full((1,), BOS, device=device), state)
    return state


@torch.no_grad()
def _read(model: _ReadsOn, steps: int, device: str) -> Any:
    state = None
    for _ in range(steps):
        _, state = model.advance(torch.full((1, 1), BOS, device=device), state)
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
    elif isinstance(node, Mapping):
        yield from _tensors(list(node.values()))
    elif is_dataclass(node):
        for field in fields(node):
            yield from _tensors(getattr(node, field.name))
