"""From a choice to what makes the mechanism; what its class refuses, and how it breaks at work, is one line."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from omegaconf import DictConfig
from torch import nn

from attnlab.commands.explain.choosing import BASELINE, Choice
from attnlab.config.mechanism_files import filled
from attnlab.errors import UserError
from attnlab.runs import own_crash
from attnlab.runs.instantiation import check_factory, check_values, instantiate, refusal, resolve
from attnlab.runs.mechanisms import check_in_shell, check_made


def builder(config: DictConfig) -> Callable[..., nn.Module]:
    """What makes the mechanism from a core's arguments: its core or, where it has none to choose, the whole of it."""
    if "core" in config:
        check_values(_plain(config, "attention"), "attention")
        return _made_by(_plain(config.core, "attention.core"), "attention.core")
    plain = _plain(config, "attention")
    check_in_shell(plain, "attention")
    whole = _made_by(plain, "attention")

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
    factory = _made_by(_plain(node, "feature_attention"), "feature_attention")
    return factory, (choice.around or BASELINE) if inside else None


@dataclass(frozen=True)
class _Maker:
    """What makes the mechanism that stands at a key by a class, `func`: how that breaks is one line.

    What is `kept` is raised as it is: after a ValueError another role, or another example, may do.
    """

    factory: Callable[..., nn.Module]
    func: Any
    key: str
    kept: tuple[type[Exception], ...] = (ValueError,)

    def __call__(self, *given: Any, **named: Any) -> nn.Module:
        try:
            return self.factory(*given, **named)
        except self.kept:
            raise
        except (Exception, SystemExit) as error:
            raise refusal(error, self.key, self.func) from error


def _made_by(node: Mapping[str, Any], key: str) -> _Maker:
    kept = (ValueError,) if key.startswith("attention") else ()
    return _Maker(instantiate(node, key), resolve(str(node["_target_"]), key), key, kept)


@contextmanager
def one_line_for(config: DictConfig, group: str) -> Iterator[None]:
    """Whatever the class of a configuration raises once it is made is one line; of a user's own it names that.

    Raises:
        OwnCodeError: code of the user's own broke.
        UserError: a mechanism of ours refuses the example.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        if (broken := own_crash.told(error)) is not None:
            raise broken from error
        node, key = (config.core, f"{group}.core") if "core" in config else (config, group)
        raise refusal(error, key, resolve(str(node._target_), key)) from error


def _plain(node: Any, key: str) -> Any:
    plain = filled(node) if isinstance(node, DictConfig) else node
    check_factory(plain, key)
    check_made(plain["_target_"], key)
    return plain
