"""The overrides of a sweep: which runs they stand for, and what they and its files ask of Hydra's own parts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.types import ChoiceSweep, IntervalSweep, Override, RangeSweep, ValueType
from hydra.types import RunMode
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from attnlab.config.checks import check_groups, is_whole
from attnlab.config.compose import parse
from attnlab.config.composer import composing
from attnlab.errors import UserError, one_line

# Sweeps whose values stand in the override itself.
LISTED = (ValueType.CHOICE_SWEEP, ValueType.SIMPLE_CHOICE_SWEEP, ValueType.RANGE_SWEEP)


class HydraParts(NamedTuple):
    """What Hydra's own settings come to, be they from the command line, an experiment or a folder of the user's."""

    sweeper: str
    launcher: str
    multirun: bool
    """Whether a file asks for a sweep, by `hydra.mode: MULTIRUN`."""
    params: dict[str, str]
    """What is swept besides the overrides of the command line: `hydra.sweeper.params`."""


def hydra_parts() -> HydraParts:
    """Those of the configuration that was composed last. Raises UserError where they can't be read."""
    config = HydraConfig.get()
    sweeper = config.sweeper if OmegaConf.is_dict(config.sweeper) else {}
    return HydraParts(
        sweeper=str(config.runtime.choices["hydra/sweeper"]),
        launcher=str(config.runtime.choices["hydra/launcher"]),
        multirun=config.mode == RunMode.MULTIRUN,
        params=params_of(sweeper.get("params")),
    )


def params_of(node: Any) -> dict[str, str]:
    """`hydra.sweeper.params` by dotted keys; on a command line `+hydra.sweeper.params.optimizer.lr=...` nests them.

    Raises:
        UserError: it isn't a mapping of keys to values.
    """
    if node is None:
        return {}
    plain = OmegaConf.to_container(node) if OmegaConf.is_config(node) else node
    if not isinstance(plain, dict):
        raise UserError(f"keys with what is swept of each are needed, got {plain!r} (set hydra.sweeper.params)")
    return dict(_flat(plain))


def _flat(node: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", "null" if value is None else str(value)


def with_params(overrides: Sequence[str], params: Mapping[str, str]) -> list[str]:
    """The overrides of a sweep, those of its files first; the command line wins."""
    given = set(keys(overrides))
    return [*(f"{key}={value}" for key, value in params.items() if key.lstrip("+~") not in given), *overrides]


def expand_sweep(overrides: Sequence[str]) -> list[list[str]]:
    """The overrides of each job of a grid sweep."""
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper

    parsed = parse(overrides)
    for override in parsed:
        if override.is_sweep_override() and override.value_type not in LISTED:
            raise UserError(f"a sweep is over values in a row, got {override.input_line!r} (write KEY=A,B,C)")
    jobs = BasicSweeper.split_arguments(parsed, None)[0]
    if not jobs:
        swept = " ".join(str(each.input_line) for each in parsed if each.is_sweep_override())
        raise UserError(
            f"a sweep must have a run, got none of {swept} (give a later END, which range(FIRST,END) doesn't count)"
        )
    return jobs


def first_job(overrides: Sequence[str]) -> list[str]:
    """The overrides of one job of a sweep, whatever draws them: each swept key at its first value."""
    return [_shown(each)[0] if each.is_sweep_override() else each.input_line or "" for each in parse(overrides)]


def last_job(overrides: Sequence[str]) -> list[str]:
    """As `first_job`, with each swept key at its last value, or at the other end of what is drawn from."""
    return [_shown(each)[-1] if each.is_sweep_override() else each.input_line or "" for each in parse(overrides)]


def others(overrides: Sequence[str]) -> list[str]:
    """Every further value of what is swept, or the other end of what is drawn from, each as an override."""
    return [other for each in parse(overrides) if each.is_sweep_override() for other in _shown(each)[1:]]


def _shown(override: Override) -> list[str]:
    value, key = override.value(), override.get_key_element()
    if isinstance(value, IntervalSweep):
        return [f"{key}={value.start}", f"{key}={value.end}"]
    if isinstance(value, RangeSweep):
        return [f"{key}={value.start}", f"{key}={value.stop}"]
    if not isinstance(value, ChoiceSweep):
        raise UserError(
            "a sweep is over values in a row, and a sampler draws from choice(), range() or interval(), "
            f"got {override.input_line!r} (write KEY=A,B,C)"
        )
    return [f"{key}={each}" for each in override.sweep_string_iterator()]


def in_whole_numbers(overrides: Sequence[str], *, config_dirs: Sequence[str] = ()) -> list[str]:
    """The same, but an interval with whole ends, at a key whose default is a whole number, is of whole numbers."""
    parsed = parse(overrides)
    if not any(_has_whole_ends(each) for each in parsed):
        return list(overrides)
    with composing(config_dirs) as composer:
        groups = [each for each in parse(first_job(overrides)) if composer.is_group(each)]
        before = composer.compose("train", [each.input_line or "" for each in groups])
        return [
            _as_whole(each) if _has_whole_ends(each) and is_whole(before, each.key_or_group) else each.input_line or ""
            for each in parsed
        ]


def _has_whole_ends(override: Override) -> bool:
    value = override.value()
    ends = (value.start, value.end) if isinstance(value, IntervalSweep) else ()
    return bool(ends) and all(isinstance(each, float) and each.is_integer() for each in ends)


def _as_whole(override: Override) -> str:
    value = override.value()
    assert isinstance(value, IntervalSweep)
    assert value.start is not None
    assert value.end is not None
    drawn = f"int(interval({int(value.start)},{int(value.end)}))"
    if value.tags:
        drawn = f"tag({','.join(sorted(value.tags))},{drawn})"
    return f"{override.get_key_element()}={drawn}"


def keys(overrides: Sequence[str]) -> list[str]:
    """The keys and groups that overrides name."""
    return [each.key_or_group for each in parse(overrides)]


def swept(overrides: Sequence[str]) -> list[str]:
    """The keys and groups that a sweep gives several values."""
    return [each.key_or_group for each in parse(overrides) if each.is_sweep_override()]


def without_hydras(overrides: Sequence[str]) -> list[str]:
    """Those of runs, without what is set of Hydra itself."""
    return [each.input_line or "" for each in parse(overrides) if not _is_hydras(each)]


def _is_hydras(override: Override) -> bool:
    return override.key_or_group.split("/")[0].split(".")[0] == "hydra"


def check_hydras_groups(overrides: Sequence[str], *, config_dirs: Sequence[str] = ()) -> None:
    """Raise UserError if a part of Hydra's is given a name that isn't there."""
    own = [each for each in parse(overrides) if _is_hydras(each)]
    if own:
        with composing(config_dirs) as composer:
            check_groups(composer, [override for override in own if composer.is_group(override)])


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
