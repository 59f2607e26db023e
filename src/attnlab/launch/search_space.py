"""What an Optuna study draws from, of the overrides of a sweep."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import accumulate, repeat, takewhile
from math import prod
from typing import Any

import optuna
from hydra.core.override_parser.types import ChoiceSweep, IntervalSweep, Override, RangeSweep
from hydra.utils import get_method
from omegaconf import DictConfig, OmegaConf
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import BaseSampler, GridSampler

from attnlab.config.compose import parse
from attnlab.config.ending_code import imports_end_nothing
from attnlab.errors import UserError

Space = dict[str, BaseDistribution]
# Draws more of a trial, given the sweep's configuration.
Extend = Callable[[DictConfig, optuna.Trial], None]


def of(overrides: Sequence[str], old: DictConfig | None) -> Space:
    """The distribution of each swept key; `old` is `hydra.sweeper.search_space`, which overrides replace.

    Raises:
        UserError: a sampler can't draw from it.
    """
    parsed = parse(overrides)
    given = {each.get_key_element() for each in parsed}
    space = {key: _from_node(key, node) for key, node in _nodes(old).items() if key not in given}
    return space | {each.get_key_element(): _distribution(each) for each in parsed if each.is_sweep_override()}


def fixed(overrides: Sequence[str]) -> list[str]:
    """The overrides that every trial shares."""
    return [each.input_line or "" for each in parse(overrides) if not each.is_sweep_override()]


def custom(path: str | None) -> Extend | None:
    """`hydra.sweeper.custom_search_space`. Raises UserError if there is no such function."""
    if path is None:
        return None
    try:
        with imports_end_nothing():
            function: Extend = get_method(path)
    except (ImportError, AttributeError, ValueError) as error:
        raise UserError(f"no function is {path!r} (set hydra.sweeper.custom_search_space)") from error
    return function


def text(value: Any) -> str:
    """A drawn value as it is written in an override."""
    return "null" if value is None else repr(value) if isinstance(value, float) else str(value)


def _distribution(override: Override) -> BaseDistribution:
    value, key = override.value(), override.get_key_element()
    try:
        if isinstance(value, IntervalSweep):
            log = "log" in value.tags
            if isinstance(value.start, int) and isinstance(value.end, int):
                return IntDistribution(value.start, value.end, log=log)
            assert value.start is not None
            assert value.end is not None
            return FloatDistribution(float(value.start), float(value.end), log=log)
        if isinstance(value, RangeSweep) and not value.shuffle:
            assert value.start is not None
            assert value.stop is not None
            if all(isinstance(each, int) for each in (value.start, value.stop, value.step)):
                return IntDistribution(int(value.start), int(value.stop), step=int(value.step))
            return FloatDistribution(float(value.start), float(value.stop), step=float(value.step))
        if isinstance(value, (ChoiceSweep, RangeSweep)):
            return CategoricalDistribution(list(override.sweep_string_iterator()))
    except ValueError as error:
        raise UserError(f"{' '.join(str(error).split())}, got {override.input_line!r} (set {key})") from error
    raise UserError(f"a sampler draws from choice(), range() or interval(), got {override.input_line!r}")


def _nodes(old: DictConfig | None) -> Mapping[str, Any]:
    plain = {} if old is None else OmegaConf.to_container(old, resolve=True)
    assert isinstance(plain, dict)
    return {str(key): node for key, node in plain.items()}


def _from_node(key: str, node: Any) -> BaseDistribution:
    known = {"int": IntDistribution, "float": FloatDistribution, "categorical": CategoricalDistribution}
    try:
        arguments = dict(node)
        make = known[str(arguments.pop("type"))]
        distribution: BaseDistribution = make(**arguments)
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"a space has type (int, float or categorical) and low, high, step, log or choices, got {node!r} "
            f"(set hydra.sweeper.search_space.{key})"
        ) from error
    return distribution


def sampler(given: Any, space: Space) -> BaseSampler:
    """The sampler itself; that of a grid is given what each key may be. Raises UserError for a grid of intervals."""
    if not isinstance(given, partial):
        assert isinstance(given, BaseSampler)
        return given
    made: BaseSampler = given({key: _listed(key, each) for key, each in space.items()})
    return made


def grid_size(given: Any, space: Space) -> int | None:
    """The trials after which a grid is done; None for other samplers."""
    if not isinstance(given, partial) or given.func is not GridSampler:
        return None
    return prod(len(_listed(key, each)) for key, each in space.items())


def _listed(key: str, distribution: BaseDistribution) -> list[Any]:
    if isinstance(distribution, CategoricalDistribution):
        return list(distribution.choices)
    if isinstance(distribution, IntDistribution) and not distribution.log:
        return list(range(distribution.low, distribution.high + 1, distribution.step))
    if isinstance(distribution, FloatDistribution) and distribution.step is not None:
        steps = accumulate(repeat(distribution.step), initial=distribution.low)
        return list(takewhile(lambda value: value <= distribution.high * (1 + 1e-12), steps))
    raise UserError(f"a grid has values in a row, got an interval of {key} (set hydra/sweeper/sampler, or {key}=A,B)")
