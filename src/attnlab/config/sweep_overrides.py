"""The overrides of a sweep: which runs they stand for, and what they ask of Hydra's own parts."""

from collections.abc import Sequence
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.types import ChoiceSweep, IntervalSweep, Override, RangeSweep, ValueType
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from attnlab.config.checks import check_groups
from attnlab.config.compose import parse
from attnlab.config.composer import composing
from attnlab.errors import UserError, one_line

# Sweeps whose values stand in the override itself.
LISTED = (ValueType.CHOICE_SWEEP, ValueType.SIMPLE_CHOICE_SWEEP, ValueType.RANGE_SWEEP)


def expand_sweep(overrides: Sequence[str]) -> list[list[str]]:
    """The overrides of each job of a grid sweep."""
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper

    parsed = parse(overrides)
    for override in parsed:
        if override.is_sweep_override() and override.value_type not in LISTED:
            raise UserError(f"a sweep is over values in a row, got {override.input_line!r} (write KEY=A,B,C)")
    return BasicSweeper.split_arguments(parsed, None)[0]


def sample_sweep(overrides: Sequence[str]) -> list[list[str]]:
    """Overrides of jobs that show every value, or both ends, of what a sampler draws from, one varied at a time."""
    parsed = parse(overrides)
    values = [_shown(override) if override.is_sweep_override() else [override.input_line or ""] for override in parsed]
    first = [each[0] for each in values]
    varied = [[*first[:i], other, *first[i + 1 :]] for i, each in enumerate(values) for other in each[1:]]
    return [first, *varied]


def _shown(override: Override) -> list[str]:
    value, key = override.value(), override.get_key_element()
    if isinstance(value, IntervalSweep):
        return [f"{key}={value.start}", f"{key}={value.end}"]
    if isinstance(value, RangeSweep):
        return [f"{key}={value.start}", f"{key}={value.stop}"]
    if not isinstance(value, ChoiceSweep):
        raise UserError(f"a sampler draws from choice(), range() or interval(), got {override.input_line!r}")
    return [f"{key}={each}" for each in override.sweep_string_iterator()]


def keys(overrides: Sequence[str]) -> list[str]:
    """The keys and groups that overrides name."""
    return [each.key_or_group for each in parse(overrides)]


def swept(overrides: Sequence[str]) -> list[str]:
    """The keys and groups that a sweep gives several values."""
    return [each.key_or_group for each in parse(overrides) if each.is_sweep_override()]


def hydra_parts(overrides: Sequence[str], *, config_dirs: Sequence[str] = ()) -> dict[str, str]:
    """The names of the sweeper and the launcher that Hydra's own settings among the overrides choose."""
    with composing(config_dirs) as composer:
        own = _hydras(overrides)
        check_groups(composer, [override for override in own if composer.is_group(override)])
        composer.compose("train", [override.input_line or "" for override in own])
        choices = HydraConfig.get().runtime.choices
        return {part: str(choices[f"hydra/{part}"]) for part in ("sweeper", "launcher")}


def hydra_node(part: str, overrides: Sequence[str], *, config_dirs: Sequence[str] = ()) -> dict[str, Any]:
    """The settings of `hydra.sweeper` or `hydra.launcher`, resolved against the run's configuration.

    Raises:
        UserError: a key that isn't one of them.
    """
    with composing(config_dirs) as composer:
        given = [override.input_line or "" for override in parse(overrides) if not override.is_sweep_override()]
        config = composer.compose("train", given)
        try:
            node = OmegaConf.to_container(config.hydra[part], resolve=True)
        except OmegaConfBaseException as error:
            raise UserError(one_line(error)) from error
        assert isinstance(node, dict)
        return {str(key): value for key, value in node.items()}


def _hydras(overrides: Sequence[str]) -> list[Override]:
    return [each for each in parse(overrides) if each.key_or_group.split("/")[0].split(".")[0] == "hydra"]
