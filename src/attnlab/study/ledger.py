"""What each arm costs, counted before anything trains: parameters, operations, and what decoding keeps."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from attnlab.attention.ablation import learns, shells
from attnlab.attention.core import Core
from attnlab.errors import UserError
from attnlab.feature_attention.ablation import ablate_feature_attention
from attnlab.feature_attention.contract import is_feature_attention
from attnlab.models.layers.slots import HasSlots
from attnlab.runs import build
from attnlab.study.decoding_state import StateBytes, state_bytes
from attnlab.study.examples import Example
from attnlab.study.operations import Operations, count_operations


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """Numbers of a model; `attention` are those of its attention with the projections of queries, keys and values."""

    total: int
    trainable: int
    attention: int


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Of one arm.

    Attributes:
        forward: of one pass over the study's example; None of a task of the user's own with batches of its own.
        state: of an encoder-decoder.
        slots: which mechanism stands where.
        fixed: places of attention whose weights nothing moves.
        learning: places where it learns.
    """

    parameters: Parameters
    forward: Operations | None
    state: StateBytes | None
    slots: dict[str, str]
    fixed: int = 0
    learning: int = 0

    @property
    def learns_nothing(self) -> bool:
        """Whether there is attention, and none that learns."""
        return self.fixed > 0 and not self.learning

    @property
    def training_flops(self) -> int | None:
        """Of an update's share of one example: the backward pass is taken as twice the forward."""
        return None if self.forward is None else 3 * self.forward.flops


def parameters_of(config: build.Config, sizes: dict[str, int]) -> Parameters:
    """A model's, built on the meta device.

    Raises:
        UserError: it can't be built.
    """
    return _counted(_built(config, sizes, device="meta"))


def shapes_of(config: build.Config, sizes: dict[str, int]) -> dict[str, tuple[int, ...]]:
    """Of a model's parameters, by their paths, built on the meta device.

    Raises:
        UserError: it can't be built.
    """
    return {path: tuple(each.shape) for path, each in _built(config, sizes, device="meta").named_parameters()}


def costs_of(config: build.Config, sizes: dict[str, int], example: Example) -> Costs:
    """An arm's, on the meta device; on the CPU where a mechanism does what meta can't.

    Raises:
        UserError: the model can't be built, or not run on the example.
    """
    model = _built(config, sizes, device="meta")
    parameters = _counted(model)
    try:
        forward, state = _passed(model, example, device="meta")
    except Exception:  # autocast knows no meta device, and a mechanism of the user's own may look at values
        try:
            forward, state = _passed(_built(config, sizes, device="cpu"), example, device="cpu")
        except (RuntimeError, ValueError, TypeError) as error:
            message = " ".join(str(error).split())
            raise UserError(f"this model can't read {example.described}: {message} (set model.*)") from error
    slots = dict(model.slots) if isinstance(model, HasSlots) else {}
    fixed, learning = _places(model)
    return Costs(parameters=parameters, forward=forward, state=state, slots=slots, fixed=fixed, learning=learning)


def _built(config: build.Config, sizes: dict[str, int], *, device: str) -> Any:
    with torch.random.fork_rng(devices=[]), torch.device(device):
        model = build.build_task(config, sizes, None).model
    # Some tables are made on the CPU, whatever the default device.
    return model.to(device).eval() if isinstance(model, nn.Module) else model


def _passed(model: Any, example: Example, *, device: str) -> tuple[Operations | None, StateBytes | None]:
    passes = example.passes(model, device=device)
    counted = [count_operations(each.network, each.inputs) for each in passes]
    return (sum(counted[1:], counted[0]) if counted else None), state_bytes(model, device=device)


def _counted(model: nn.Module) -> Parameters:
    parameters = list(model.parameters())
    return Parameters(
        total=_numel(parameters),
        trainable=_numel(each for each in parameters if each.requires_grad),
        attention=_numel(_attention_parameters(model)),
    )


def _places(model: Any) -> tuple[int, int]:
    """In how many attention learns nothing, and in how many it does."""
    if not isinstance(model, nn.Module):
        return 0, 0
    with ablate_feature_attention(model) as learning:
        return sum(not learns(core) for _, core in shells(model)), len(learning)


def _numel(parameters: Iterable[nn.Parameter]) -> int:
    return sum(each.numel() for each in parameters)


def _attention_parameters(model: nn.Module) -> Iterable[nn.Parameter]:
    """Each once, of every shell around a core, every sibling of the shell, and every attention on feature maps."""
    found: dict[int, nn.Parameter] = {}
    for path, module in model.named_modules():
        if is_feature_attention(module):
            found |= {id(each): each for each in module.parameters()}
        elif isinstance(module, Core):
            shell = model.get_submodule(path.removesuffix(".core"))
            found |= {id(each): each for each in shell.parameters()}
    return found.values()
