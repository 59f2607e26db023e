"""What a trained model is without what its attention has learned: which key gets how much."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from attnlab.attention.core import Core, Role, Sides, reads, with_side
from attnlab.attention.masks import allowed_mask
from attnlab.attention.past import keys_kept
from attnlab.attention.places import Places, with_places


@runtime_checkable
class Shell(Protocol):
    """What says where its core stands, a module of it by that name."""

    role: Role


@contextmanager
def ablate_attention(model: nn.Module) -> Iterator[list[str]]:
    """Spread the weights of every learning mechanism in `model` evenly over what may be attended in the block.

    w'_ij = sum_j' w_ij' / #{j' allowed} for allowed j, else 0: a query keeps its total, so that weights which sum to
    one become uniform, and only where it looks is lost. A bias has no part in it but by the total. What a mechanism
    does with weights, its `combine`, stays. One whose weights nothing moves, `identity` say, has nothing to lose: it
    stays as it is.

        with ablate_attention(model) as paths:   # of these mechanisms; none where the model has none
            model(source, target)

    Nothing is left behind. A compiled model may go on without noticing: ablate the module it was compiled from.

    Raises:
        ValueError: a core stands in nothing that has a role, so that it isn't known whether it may look ahead.
    """
    roles = {id(core): shell.role for shell, core in shells(model)}
    paths: list[str] = []
    with ExitStack() as stack:
        for path, module in model.named_modules():
            core: object = module
            if not isinstance(core, Core):
                continue
            if id(core) not in roles:
                raise ValueError(f"a mechanism must stand in a shell that has a role, got {type(module).__name__}")
            if not learns(core):
                continue
            weights = _evened(core.weights, causal=roles[id(core)] == "causal")
            stack.enter_context(keys_kept(module))
            stack.enter_context(replaced(module, "weights", weights))
            stack.enter_context(replaced(module, "forward", by_definition(core, weights)))
            paths.append(path.removesuffix(".core"))
        yield paths


def learns(core: Core) -> bool:
    """Whether training moves its weights: by what it reads of queries and keys, or by parameters of its own."""
    return bool(reads(core)) or (isinstance(core, nn.Module) and next(core.parameters(), None) is not None)


def shells(model: nn.Module) -> Iterator[tuple[Shell, Core]]:
    """Whatever in a model says where its mechanism stands, and the mechanism."""
    for module in model.modules():
        # Not by a Protocol: from Python 3.12 on those don't see what a module holds as its parts.
        shell, core = module, dict(module.named_children()).get("core")
        if isinstance(shell, Shell) and isinstance(core, Core):
            yield shell, core


def _evened(definition: Callable[..., Tensor], *, causal: bool) -> Callable[..., Tensor]:
    def weights(
        q: Tensor,
        k: Tensor,
        *,
        key_mask: Tensor | None = None,
        bias: Tensor | None = None,
        side: Sides | None = None,
        places: Places | None = None,
    ) -> Tensor:
        told = with_side(side) | with_places(places)
        found = definition(q, k, key_mask=key_mask, bias=bias, **told)  # (B, H, Tq, Tk)
        total = found.sum(-1, keepdim=True)
        allowed = allowed_mask(q, k, causal=causal, key_mask=key_mask)
        if allowed is None:
            return (total / found.size(-1)).expand_as(found)
        share = total / allowed.sum(-1, keepdim=True).clamp(min=1)
        return torch.where(allowed, share, torch.zeros_like(share)).expand_as(found)

    return weights


def by_definition(core: Core, weights: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A `forward` of what a core makes of these weights."""

    def forward(
        q: Tensor,
        k: Tensor,
        v: Tensor,
        *,
        key_mask: Tensor | None = None,
        bias: Tensor | None = None,
        side: Sides | None = None,
        places: Places | None = None,
    ) -> Tensor:
        sides = with_side(side)
        return core.combine(weights(q, k, key_mask=key_mask, bias=bias, **sides, **with_places(places)), v, **sides)

    return forward


@contextmanager
def replaced(module: nn.Module, method: str, by: Callable[..., Tensor]) -> Iterator[None]:
    """Another method in the place of one module's own, while the block runs."""
    own = vars(module)
    before = own.get(method)
    own[method] = by
    try:
        yield
    finally:
        if before is None:
            del own[method]
        else:
            own[method] = before
