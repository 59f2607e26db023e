"""From a choice to what makes the mechanism; what its class refuses is one line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from omegaconf import DictConfig
from torch import nn

from attnlab.commands.explain.choosing import BASELINE, Choice
from attnlab.config.mechanism_files import filled
from attnlab.errors import UserError
from attnlab.runs.instantiation import check_factory, check_values, instantiate, refusal, resolve
from attnlab.runs.mechanisms import check_in_shell


def builder(config: DictConfig) -> Callable[..., nn.Module]:
    """What makes the mechanism from a core's arguments: its core or, where it has none to choose, the whole of it."""
    if "core" in config:
        check_values(_plain(config, "attention"), "attention")
        factory: Callable[..., nn.Module] = instantiate(_plain(config.core, "attention.core"), "attention.core")
        return factory
    plain = _plain(config, "attention")
    check_in_shell(plain, "attention")
    whole = instantiate(plain, "attention")

    def build(*, num_heads: int, head_dim: int, role: str, max_length: int, dropout: float) -> nn.Module:
        attention: nn.Module = whole(
            num_heads * head_dim, num_heads=num_heads, role=role, max_length=max_length, dropout=dropout
        )
        return attention

    return build


def map_factory(
    config: DictConfig, choice: Choice, *, inner: DictConfig
) -> tuple[Callable[..., nn.Module], str | None]:
    """What makes a mechanism on feature maps, and the name of what it is built around, `inner`, if it is.

    Raises:
        UserError: it is built around none, and one was chosen; or it can't be made.
    """
    inside = "attention" in config
    if (choice.around or choice.around_overrides) and not inside:
        got = f"attention={choice.around}" if choice.around else " ".join(choice.around_overrides)
        raise UserError(
            f"feature_attention={choice.name} isn't built around query-key-value attention, got {got} "
            "(set feature_attention=non_local or axial, or explain the two one after the other)"
        )
    node = filled(config, around=inner)
    factory = instantiate(_plain(node, "feature_attention"), "feature_attention")
    return factory, (choice.around or BASELINE) if inside else None


@contextmanager
def one_line_for(config: DictConfig, group: str) -> Iterator[None]:
    """Whatever the class of a configuration raises, a user's own among them, becomes UserError."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        node, key = (config.core, f"{group}.core") if "core" in config else (config, group)
        raise refusal(error, key, resolve(str(node._target_), key)) from error


def _plain(node: Any, key: str) -> Any:
    plain = filled(node) if isinstance(node, DictConfig) else node
    check_factory(plain, key)
    return plain
