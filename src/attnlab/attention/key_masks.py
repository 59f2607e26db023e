"""What a trained model is without some of its keys."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from torch import Tensor, nn

from attnlab.attention.ablation import replaced, shells
from attnlab.attention.core import Role
from attnlab.attention.masks import all_of


@contextmanager
def mask_keys(model: nn.Module, kept: Mapping[Role, Tensor]) -> Iterator[None]:
    """Let every mechanism that stands in one of these roles attend only keys that are `kept` (B, Tk), bool.

    The others are masked as padding is, besides those that a call masks already: the mechanism itself shares out among
    those that are left what it has to give. A query that is left with no key gets nothing. Nothing is left behind.
    """
    with ExitStack() as stack:
        for core, role in {shell.core: shell.role for shell in shells(model)}.items():
            mask = kept.get(role)
            if mask is not None and isinstance(core, nn.Module):
                stack.enter_context(replaced(core, "weights", _masked(core.weights, mask)))
                stack.enter_context(replaced(core, "forward", _masked(core.forward, mask)))
        yield


def _masked(method: Callable[..., Tensor], mask: Tensor) -> Callable[..., Tensor]:
    def masked(*args: Tensor, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        return method(*args, key_mask=all_of(key_mask, mask), bias=bias)

    return masked
