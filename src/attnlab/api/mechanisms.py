"""A mechanism for a module of one's own, by the name that it has in `attnlab list`."""

import inspect
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from attnlab.api.overrides import folders
from attnlab.api.torch_words import in_a_call, in_building
from attnlab.api.wording import in_python
from attnlab.attention import MultiHeadAttention, Role, RoleError
from attnlab.attention.call_checks import check_role, check_tensor
from attnlab.attention.past import KeyValue
from attnlab.attention.places import NeedsGrid
from attnlab.attention.unregistered import check_trained
from attnlab.commands.check.target import GIVEN, GROUPS, Group
from attnlab.config.compose import load_group
from attnlab.config.compose import options as options_of
from attnlab.config.mechanism_files import filled
from attnlab.errors import UserError, causes, closest, remedy_of
from attnlab.feature_attention.contract import FeatureAttention
from attnlab.launch.ending import amount_asked, without_memory
from attnlab.runs.instantiation import TooLarge, call, instantiate, resolve
from attnlab.runs.mechanisms import check_mechanisms
from attnlab.runs.signatures import check_arguments

DirNames = Sequence[str | Path]
Node = Mapping[str, Any]
VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
ALWAYS = ("dim", "num_heads", "max_length", "key_dim", "value_dim")
# Keys of a configuration, which are arguments here.
OF_THE_CONFIGURATION = re.compile(r"(?<![\w.])(?:attention\.core|feature_attention|attention|model)\.(?=[a-z_])")

ANY_KEY = re.compile(r"set (?:attention\.core|feature_attention|attention)\.\*")


@in_python()
def build_attention(
    name: str,
    *,
    dim: int,
    num_heads: int,
    role: Role,
    max_length: int,
    key_dim: int | None = None,
    value_dim: int | None = None,
    grid: tuple[int, int] | None = None,
    num_extra: int = 0,
    config_dirs: DirNames = (),
    **options: Any,  # the mechanism's own, which its YAML names; checked against its constructor
) -> MultiHeadAttention:
    """Multi-head attention by a mechanism: `attention(query, key, value, key_mask=)`, (B, T, D) -> (B, T, D).

    `attention=NAME` of a run, without its configuration. For a query (B, Tq, D) and a key (B, Tk, key_dim) it gives
    (B, Tq, D); in the roles self and causal the key is the query unless one is given. `key_mask` (B, Tk) is True where
    a key may be attended. `attend` gives the weights (B, H, Tq, Tk), too, and `project` a cache: see
    `attnlab.attention.MultiHeadAttention`.

    Args:
        name: as in `attnlab list attention`, or of a YAML file in DIR/attention/ of `config_dirs`.
        role: `self` (bidirectional), `causal` or `cross`.
        max_length: greatest number of queries or keys to come.
        key_dim, value_dim: widths of what keys and values are projected from; None for `dim`.
        grid: height and width of the map whose places the last keys are, row by row, for a mechanism that minds places
            (`swin`). A call on a map of another size takes `places=attnlab.attention.Places(((height, width),))`.
        num_extra: keys before them that have no place, as a class token; a call with others is a ValueError.
        options: the mechanism's own (`window=5`) and the shell's (`num_kv_heads=1`, `dropout=0.1`).

    Raises:
        UserError: no such mechanism or option, a value out of its range, or a role that it can't serve.
    """
    given: dict[str, Any] = {"num_heads": num_heads, "role": role, "max_length": max_length}
    given |= {"key_dim": key_dim, "value_dim": value_dim} | ({} if grid is None else {"grid": grid})
    given |= {"num_extra": num_extra} if num_extra else {}
    _check_role(role)
    _check_counts(max_length=max_length, key_dim=key_dim, value_dim=value_dim)
    node = _node("attention", name, config_dirs=config_dirs)
    attention = cast(MultiHeadAttention, _built("attention", name, node, options, dim, given))
    # Few mechanisms would say so themselves, and what was built for shorter inputs mustn't depend on which it is.
    # `attend` and `project` are no calls of the module, but of its projections.
    for each in (attention, *(child for child in attention.children() if isinstance(child, nn.Linear))):
        each.register_forward_pre_hook(partial(_check_lengths, max_length), with_kwargs=True)
    parameters = inspect.signature(attention.forward).parameters.values()
    if not any(each.kind in VARIADIC for each in parameters):
        num_free = sum(each.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for each in parameters)
        check = partial(_check_names, tuple(each.name for each in parameters), num_free)
        attention.register_forward_pre_hook(check, with_kwargs=True)
    return attention


def _check_counts(**counts: object) -> None:
    """UserError for a number below 1; what is no whole number is told by the constructor's own types."""
    for key, value in counts.items():
        if isinstance(value, int) and not isinstance(value, bool) and value < 1:
            raise UserError(f"{key} must be 1 or more, got {value} (set {key})")


def _check_role(role: object) -> None:
    try:
        check_role(role)
    except ValueError as error:
        raise UserError(f"{error} (set role)") from error


def _check_names(taken: Sequence[str], places: int, module: nn.Module, inputs: Any, named: Mapping[str, Any]) -> None:
    """Raise ValueError for what isn't an argument of a call: torch's own attention has masks of other names and sign.

    The first so many `places` of what is `taken` go without a name.
    """
    unknown = [name for name in named if name not in taken]
    if len(inputs) > places or unknown:
        got = unknown[0] if unknown else f"{len(inputs)} arguments without a name"
        hint = in_a_call(got) or "a mask of keys goes in as key_mask=, True where a key may be attended"
        raise ValueError(
            f"a call of {type(module).__name__} takes {', '.join(taken)}, the first {places} without a name, too, got "
            f"{got} ({hint})"
        )


def _check_lengths(max_length: int, _: Any, inputs: tuple[Any, ...], named: Mapping[str, Any]) -> None:
    """Raise ValueError for a query, key, value (B, T, D) or KeyValue of more than `max_length` positions."""
    for each in (*inputs, *named.values()):
        length = each.size(1) if isinstance(each, Tensor) and each.dim() == 3 else 0
        length = each.v.size(-2) if isinstance(each, KeyValue) else length
        if length > max_length:
            raise ValueError(f"inputs must be at most {max_length} long, got {length} (set max_length)")


@in_python()
def build_feature_attention(
    name: str,
    *,
    channels: int,
    max_size: tuple[int, int] = (64, 64),
    attention: str = "scaled_dot",
    config_dirs: DirNames = (),
    **options: Any,  # likewise
) -> FeatureAttention:
    """A mechanism on feature maps: `module(x)`, (B, C, H, W) -> (B, C, H, W).

    Args:
        name: as in `attnlab list feature_attention`, or of a YAML file in DIR/feature_attention/.
        max_size: greatest height and width to come, of which few mechanisms make use.
        attention: the mechanism of those that are built around one over keys, `non_local` and `axial`.
        options: the mechanism's own (`reduction=8`).

    A call with another shape or with whole numbers raises ValueError.

    Raises:
        UserError: as `build_attention`.
    """
    _check_counts(channels=channels)
    if not (isinstance(max_size, tuple | list) and len(max_size) == 2 and all(type(n) is int for n in max_size)):
        raise UserError(f"max_size must be a height and a width, got {max_size!r} (set max_size=(64, 64))")
    node = _node("feature_attention", name, config_dirs=config_dirs, around=attention)
    module = _built("feature_attention", name, node, options, channels, {"max_size": max_size})
    # Some mechanisms take any map, and would gate the columns of one whose channels come last.
    module.register_forward_pre_hook(partial(_check_map, channels), with_kwargs=True)
    return cast(FeatureAttention, module)


def _check_map(channels: int, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    if not args and "x" not in kwargs:
        raise ValueError(f"a call of {type(module).__name__} takes x, got {', '.join(kwargs) or 'nothing'} (write x=)")
    x: Tensor = args[0] if args else kwargs["x"]
    check_tensor("x", x)
    if x.dim() != 4 or x.size(1) != channels:
        raise ValueError(
            f"x must be maps (B, C, H, W) of {channels} channels, got {tuple(x.shape)} (one image: x[None]; channels "
            "last: x.movedim(-1, 1))"
        )
    if not x.is_floating_point():
        raise ValueError(f"x must be of floats, got {x.dtype} (convert it by .float())")
    weight = next(module.parameters(), None)
    if weight is not None and x.dtype != weight.dtype and not torch.is_autocast_enabled(x.device.type):
        raise ValueError(f"x must be {weight.dtype}, as the module's weights are, got {x.dtype} (convert one by .to)")


def _node(group: Group, name: str, *, config_dirs: DirNames, around: str = "scaled_dot") -> dict[str, Any]:
    """What the mechanism's YAML says; `around` stands in the place of `${attention}`.

    Raises:
        UserError: there is no such file.
    """
    own = folders(config_dirs)
    _check_name(group, name)
    if not isinstance(around, str):
        raise UserError(f"attention must be a mechanism's name, a text, got {_shown(around)} (set attention)")
    # Some of those on maps are built around one over keys.
    inner = load_group("attention", around, config_dirs=own) if group == "feature_attention" else None
    try:
        node = filled(load_group(group, name, config_dirs=own), around=inner)
    except UserError as error:
        for other in GROUPS:
            if other != group and name in options_of(other, config_dirs=own):
                raise UserError(f"{name} is a mechanism of another kind, {other} (use build_{other})") from None
        said = str(error).replace(f"{group} is needed", "name is needed").replace(f"(set {group};", "(set name;")
        raise UserError(said.replace(f"(write {group}=", "(write name=")) from None
    check_mechanisms({group: node})
    return node


def _check_name(group: Group, name: object) -> None:
    """UserError for a class or anything else in a name's place."""
    if isinstance(name, str):
        return
    if inspect.isclass(name) and issubclass(name, nn.Module):
        made = name.__name__
        written = {
            "attention": f"attnlab.attention.MultiHeadAttention(dim, core={made}, num_heads=, role=, max_length=)",
            "feature_attention": f"{made}(channels, max_size=)",
        }
        raise UserError(f"a mechanism is given by its name, got the class {made} (write {written[group]})")
    raise UserError(f"a mechanism is given by its name, a text, got {_shown(name)} (attnlab list {group} names all)")


def _shown(value: object) -> str:
    return f"a {type(value).__name__} already made" if isinstance(value, nn.Module) else repr(value)


def _built(group: Group, name: str, node: Node, options: Node, first: object, given: Node) -> Any:
    try:
        factory = instantiate(_with_options(group, name, node, options), group)
        parameters = list(inspect.signature(factory.func).parameters)
        check_arguments(factory.func, {parameters[0]: first, **given}, group)
        built = call(partial(factory, first), group, **given)
        call(check_trained, group, module=built)
        return built
    except UserError as error:
        short = without_memory(error)
        if short is not None or isinstance(error, TooLarge):
            given_sizes = {parameters[0]: first, "max_length": given.get("max_length", 0)}
            sizes = {name: size for name, size in given_sizes.items() if isinstance(size, int)}
            name, size = max(sizes.items(), key=lambda each: each[1])
            asked = "" if short is None else amount_asked(short)
            raise UserError(f"there must be memory for the mechanism, got {name}={size}{asked} (set {name})") from error
        raise UserError(_in_arguments(error)) from error


def _in_arguments(error: UserError) -> str:
    """What a constructor refuses, with the argument to change where a configuration has keys."""
    raised = list(causes(error))
    said = OF_THE_CONFIGURATION.sub("", str(error))
    if any(isinstance(each, NeedsGrid) for each in raised):
        return said.replace("(set grid)", "(set grid=(HEIGHT, WIDTH), such as grid=(7, 7))")
    if any(isinstance(each, RoleError) for each in raised):
        return ANY_KEY.sub("set role", said)
    return ANY_KEY.sub("set one of its arguments", said)


def _with_options(group: Group, name: str, node: Node, options: Node) -> dict[str, Any]:
    """The node with each option where its constructor takes it: the core's own in `core`.

    Raises:
        UserError: none takes it, or its value isn't plain.
    """
    whole = _own_arguments(
        node, group, without=(*GIVEN["shell"], *GIVEN["feature_attention"], "core", "attention", "grid", "num_extra")
    )
    core = _own_arguments(node["core"], f"{group}.core", without=GIVEN["attention"]) if "core" in node else []
    changed: dict[str, Any] = {**node, **({"core": dict(node["core"])} if "core" in node else {})}
    for option, value in options.items():
        named = option in core or option in whole
        if not named and (meant := in_building(option, value, [*core, *whole, *ALWAYS])):
            raise UserError(f"{name} takes no {option!r}: {meant}")
        if not _is_plain(value):
            raise UserError(f"{option} must be a plain value, got {value!r} (set {option})")
        if option in core:
            changed["core"][option] = value
        elif option in whole:
            changed[option] = value
        else:
            known = [*core, *whole]
            guessed = closest(option, known)
            raise UserError(
                f"{name} takes no {option!r}{guessed}; it takes {', '.join(known) or 'none'} "
                f"({remedy_of(guessed, option, f'={value!r}')})"
            )
    return changed


def _own_arguments(node: Node, key: str, *, without: Sequence[str]) -> list[str]:
    """What a node's class takes besides the first and what it is always given; dropout is the shell's option."""
    target = resolve(str(node["_target_"]), key)
    parameters = list(inspect.signature(target).parameters)
    return [each for each in parameters if (each == "dropout" and key == "attention") or each not in without]


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, bool | int | float | str)
