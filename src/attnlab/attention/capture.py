"""Seeing where a model looks, without a trace of it when nobody does."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Core
from attnlab.attention.past import keys_kept
from attnlab.errors import ByName


@contextmanager
def capture_attention(model: nn.Module) -> Iterator[dict[str, Tensor]]:
    """Record the attention weights of every mechanism in `model` while the block runs.

        with capture_attention(model) as maps:
            model(source, target)
        maps["decoder.layers.0.cross_attention"]  # (B, H, Tq, Tk), float32, on the CPU, before dropout

    A key is the path of the module whose `core` the mechanism is, or the mechanism's own path if it goes by another
    name. A mechanism called several times, as by a decoder that takes step after step, has its maps joined along Tq;
    where Tk grew on the way, as with a cache, earlier rows end in zeros, for keys that weren't there yet. So a block is
    for one pass over one batch: calls of one mechanism with different batch sizes raise ValueError.

    Weights are those of `Core.weights`. Where `forward` goes another way they are computed beside it, without
    gradients, so a block costs time and memory but changes no result; it leaves nothing behind. A compiled model may
    not run the hooks: capture the module it was compiled from. Blocks may stand within each other, also of models that
    share mechanisms; each records what runs in it.
    """
    maps: dict[str, Tensor] = ByName()

    def record(path: str, weights: Tensor) -> None:
        maps[path] = _join(path, maps.get(path), weights.detach().to("cpu", torch.float32))

    with ExitStack() as stack:
        for path, module in model.named_modules():
            core: object = module
            if isinstance(core, Core):
                stack.enter_context(_watched(module, core.weights, path.removesuffix(".core"), record))
        yield maps


@contextmanager
def _watched(
    core: nn.Module, definition: Callable[..., Tensor], path: str, record: Callable[[str, Tensor], None]
) -> Iterator[None]:
    """Record each use of one core: a call of `weights`, as by `attend`, or of the core, which may get by without."""
    recorded = False

    def heard(result: Tensor) -> None:
        nonlocal recorded
        recorded = True
        record(path, result)

    def before(module: nn.Module, args: tuple[Tensor, ...]) -> None:
        nonlocal recorded
        recorded = False

    def after(module: nn.Module, args: tuple[Tensor, ...], kwargs: dict[str, Any], output: Tensor) -> None:
        if not recorded:
            q, k, _ = args
            with torch.no_grad():  # what it is by definition: blocks around this one see to themselves
                heard(_unshadowed(definition)(q, k, **kwargs))

    with ExitStack() as stack:
        stack.enter_context(keys_kept(core))
        stack.enter_context(weights_heard(core, definition, heard))
        stack.callback(core.register_forward_pre_hook(before).remove)
        stack.callback(core.register_forward_hook(after, with_kwargs=True).remove)
        yield


class _Shadow:
    """In the place of one module's method `weights`: tells all who listen what it returns."""

    def __init__(self, definition: Callable[..., Tensor]) -> None:
        self.definition = definition
        self.listeners: list[Callable[[Tensor], None]] = []

    def __call__(self, *args: Tensor, **kwargs: Tensor | None) -> Tensor:
        result = self.definition(*args, **kwargs)
        for listener in self.listeners:
            listener(result)
        return result


@contextmanager
def weights_heard(
    module: nn.Module, definition: Callable[..., Tensor], listener: Callable[[Tensor], None]
) -> Iterator[None]:
    """Tell a listener what each call of `module.weights`, the `definition`, returns, `forward`'s own among them.

    Several may listen at once and end in any order; after the last the module is as it was.
    """
    shadow = definition if isinstance(definition, _Shadow) else _Shadow(definition)
    module.__dict__["weights"] = shadow
    shadow.listeners.append(listener)
    try:
        yield
    finally:
        shadow.listeners.remove(listener)
        if not shadow.listeners:
            del module.__dict__["weights"]
            if shadow.definition != module.weights:  # what `ablate_attention` has put there
                module.__dict__["weights"] = shadow.definition


def _unshadowed(definition: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return definition.definition if isinstance(definition, _Shadow) else definition


def _join(path: str, earlier: Tensor | None, later: Tensor) -> Tensor:
    if earlier is None:
        return later
    if earlier.size(0) != later.size(0):
        raise ValueError(
            f"a block captures one pass over one batch, got batches of {earlier.size(0)} and {later.size(0)} at {path}"
        )
    num_keys = max(earlier.size(-1), later.size(-1))
    return torch.cat([F.pad(weights, (0, num_keys - weights.size(-1))) for weights in (earlier, later)], dim=-2)
