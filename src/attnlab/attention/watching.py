"""Seeing what each call of a mechanism attended to, beside what it might have."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from attnlab.attention.ablation import replaced, shells
from attnlab.attention.core import Core, Role, Sides, with_side
from attnlab.attention.masks import allowed_mask
from attnlab.attention.past import keys_kept
from attnlab.attention.places import Places, with_places


class Look(NamedTuple):
    """One call of a mechanism."""

    path: str  # of the module whose core the mechanism is
    role: Role
    weights: Tensor  # (B, H, Tq, Tk) before dropout, without gradient
    allowed: Tensor  # (B, 1, Tq, Tk) bool, what each query may attend
    key_mask: Tensor | None  # (B, Tk) as it was given


@contextmanager
def watch_attention(model: nn.Module, listener: Callable[[Look], None]) -> Iterator[list[str]]:
    """Tell a listener of each call of every mechanism in `model`, in their order, while the block runs.

        with watch_attention(model, looks.append) as paths:   # of the mechanisms; none where the model has none
            model(source, target)

    Weights are those of `Core.weights`, computed beside a `forward` that goes another way. A block changes no result
    and leaves nothing behind. `capture_attention` keeps the weights alone, joined over calls.
    """
    with ExitStack() as stack:
        roles = {id(core): shell.role for shell, core in shells(model)}
        paths: list[str] = []
        for path, module in model.named_modules():
            core: object = module
            if isinstance(core, Core) and id(core) in roles:
                paths.append(path.removesuffix(".core"))
                watch = _Watch(paths[-1], roles[id(core)], core.weights, listener)
                stack.enter_context(keys_kept(module))
                stack.enter_context(replaced(module, "weights", watch.weights))
                stack.callback(module.register_forward_pre_hook(watch.before).remove)
                stack.callback(module.register_forward_hook(watch.after, with_kwargs=True).remove)
        yield paths


class _Watch:
    """Of one mechanism; a call is heard once, whether it comes by way of `weights` or gets by without."""

    def __init__(
        self, path: str, role: Role, definition: Callable[..., Tensor], listener: Callable[[Look], None]
    ) -> None:
        self.path, self.role, self.definition, self.listener = path, role, definition, listener
        self.heard = False

    def weights(
        self,
        q: Tensor,
        k: Tensor,
        *,
        key_mask: Tensor | None = None,
        bias: Tensor | None = None,
        side: Sides | None = None,
        places: Places | None = None,
    ) -> Tensor:
        found = self.definition(q, k, key_mask=key_mask, bias=bias, **with_side(side), **with_places(places))
        self._tell(q, k, key_mask, found)
        return found

    def before(self, module: nn.Module, args: tuple[Tensor, ...]) -> None:
        self.heard = False

    def after(self, module: nn.Module, args: tuple[Tensor, ...], kwargs: dict[str, Any], output: Tensor) -> None:
        if not self.heard:
            q, k, _ = args
            with torch.no_grad():
                self._tell(q, k, kwargs.get("key_mask"), self.definition(q, k, **kwargs))

    def _tell(self, q: Tensor, k: Tensor, key_mask: Tensor | None, weights: Tensor) -> None:
        self.heard = True
        allowed = allowed_mask(q, k, causal=self.role == "causal", key_mask=key_mask)
        if allowed is None:
            allowed = torch.ones((), dtype=torch.bool, device=weights.device)
        batch, _, num_queries, num_keys = weights.shape
        whole = allowed.expand(batch, 1, num_queries, num_keys)
        self.listener(Look(self.path, self.role, weights.detach(), whole, key_mask))
