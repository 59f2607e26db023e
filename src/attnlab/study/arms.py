"""Arms as runs: each composed for every seed as `attnlab train` would, and in what its configuration differs."""

import re
from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from attnlab.config import compose, identity
from attnlab.errors import UserError
from attnlab.runs import run_folder

Config = dict[str, Any]
Kind = Literal["mechanism", "matched", "tuned", "confounded"]

# What belongs to the attention mechanism: its groups, and the slots of a model.
MECHANISM = re.compile(r"(feature_)?attention(\.|$)|model\.(\w+_)?attention(\.|$)")


@dataclass(frozen=True)
class Difference:
    """One key in which an arm's configuration isn't the control's; a value that one of them lacks is MISSING."""

    key: str
    control: Any
    arm: Any
    kind: Kind


MISSING = "nothing"


def value_text(value: Any) -> str:
    """A value as a file of the configuration has it, a class of attnlab's by its own name."""
    text = "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return text.rpartition(".")[2] if text.startswith("attnlab.") else text


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One arm of a study, composed.

    Attributes:
        overrides: all of them but the seed.
        confounded: it may differ from the control in more than the mechanism.
        added: it is one of the study's controls, not of its file's arms.
        configs: resolved, by seed.
        seed_keys: where the seed stands in them.
        follows: whether they differ in these, and in their folders, alone.
    """

    name: str
    overrides: tuple[str, ...]
    confounded: bool
    added: bool
    configs: Mapping[int, Config]
    seed_keys: tuple[str, ...]
    follows: bool = True

    @property
    def config(self) -> Config:
        """Of its first seed."""
        return next(iter(self.configs.values()))

    def with_seed(self, seed: int) -> Config:
        """Its configuration with any seed, as far as it decides what a run computes; the folder is the first's."""
        return seeded(self.config, self.seed_keys, seed)


def composed_arm(
    name: str,
    overrides: Sequence[str],
    seeds: Sequence[int],
    *,
    config_dirs: Sequence[str] = (),
    confounded: bool = False,
    added: bool = False,
    seed_keys: Sequence[str] = (),
) -> Arm:
    """An arm with a configuration for every seed.

    Two are composed. Where they differ in nothing but the seed itself, and in the folder that is named by the whole,
    the others follow; else each is composed, too. Where it is known by `seed_keys` that they follow, one is.

    Raises:
        UserError: they can't be composed; the message names the arm.
    """
    from attnlab.runs import build  # and torch, which whoever only asks for differences does without

    another = seeds[1] if len(seeds) > 1 else (seeds[0] + 1) % 2**32

    def composed(seed: int) -> Config:
        try:
            return build.plain(compose.compose_run([*overrides, f"seed={seed}"], config_dirs=config_dirs))
        except UserError as error:
            raise UserError(f"arm {name}: {error}") from error

    first, keys, follow = composed(seeds[0]), tuple(seed_keys), True
    known = {seeds[0]: first}
    if not keys:
        known[another] = second = composed(another)
        before, after = (dict(run_folder.leaves(identity.decisive(each))) for each in (first, second))
        keys = tuple(key for key in before if before[key] == seeds[0] and after.get(key) == another)
        follow = seeded_run(first, keys, another) == second
    if follow:
        configs = {seed: seeded_run(first, keys, seed) for seed in seeds}
    else:
        configs = {seed: known[seed] if seed in known else composed(seed) for seed in seeds}
    return Arm(
        name=name,
        overrides=tuple(overrides),
        confounded=confounded,
        added=added,
        configs=configs,
        seed_keys=keys,
        follows=follow,
    )


def seeded(config: Config, keys: Sequence[str], seed: int) -> Config:
    """A copy with another seed at these dotted keys."""
    copy = deepcopy(config)
    for key in keys:
        set_value(copy, key, seed)
    return copy


def seeded_run(config: Config, keys: Sequence[str], seed: int) -> Config:
    """Likewise, with the folder that such a run has; `config`'s own must be named by the hash of its values."""
    return changed_run(config, dict.fromkeys(keys, seed))


def changed_run(config: Config, values: Mapping[str, Any]) -> Config:
    """Likewise, with other values at these dotted keys."""
    copy = deepcopy(config)
    for key, value in values.items():
        set_value(copy, key, value)
    before, now = identity.run_hash(config), identity.run_hash(copy)
    for key in identity.FOLDER:
        copy[key] = re.sub(rf"{before}$", now, str(copy[key]))
    return copy


def set_value(config: Config, key: str, value: Any) -> None:
    """Change what stands at a dotted key."""
    *parents, last = key.split(".")
    node = config
    for parent in parents:
        node = node[parent]
    node[last] = value


# Groups that count where a model has them alone: chosen for one that hasn't, they change nothing.
COUNTED_IN_MODEL = ("attention", "feature_attention")


def counted(config: Config) -> dict[str, Any]:
    """The values that decide what a run computes, by their dotted keys, each once.

    Of what stands twice, as `optimizer` does in `task`, that under the key by which it is set.
    """
    found = dict(run_folder.leaves(identity.decisive(config)))
    chosen = {key: value for key, value in found.items() if key.split(".")[0] not in COUNTED_IN_MODEL}
    return {
        key: value
        for key, value in chosen.items()
        if not (key.endswith(("._partial_", "._convert_")) or _is_copy(key, value, chosen))
    }


def _is_copy(key: str, value: Any, chosen: Mapping[str, Any]) -> bool:
    _, _, original = key.partition(".")
    return "." in original and original in chosen and chosen[original] == value


def merged(base: Sequence[str], own: Sequence[str]) -> list[str]:
    """The overrides of both; what `own` sets anew isn't set twice."""
    anew = {_place(each) for each in own}
    return [*(each for each in base if _place(each) not in anew), *own]


def _place(override: str) -> tuple[str, str | None]:
    [parsed] = compose.parse([override])
    return parsed.key_or_group, parsed.package


def attention_places(arms: Sequence[Sequence[str]], group: str) -> list[str]:
    """Where the overrides of arms choose a mechanism of a group, such as `attention@model.cross_attention`."""
    found: dict[str, None] = {}
    for override in (parsed for each in arms for parsed in compose.parse(each)):
        if override.key_or_group == group:
            found[f"{group}@{override.package}" if override.package else group] = None
    return list(found)


def differences(
    arm: Config, control: Config, *, matched: Collection[str] = (), tuned: Collection[str] = ()
) -> tuple[Difference, ...]:
    """Every key that decides what is computed and isn't the same in both; `matched` and `tuned` are those that a study
    sets.

    Both of one seed.
    """
    mine, others = (counted(each) for each in (arm, control))
    keys = [key for key in {**others, **mine} if mine.get(key, MISSING) != others.get(key, MISSING)]
    return tuple(
        Difference(key, others.get(key, MISSING), mine.get(key, MISSING), _kind(key, matched, tuned))
        for key in sorted(keys)
    )


def _kind(key: str, matched: Collection[str], tuned: Collection[str]) -> Kind:
    if key in matched:
        return "matched"
    if MECHANISM.match(key):
        return "mechanism"
    return "tuned" if key in tuned else "confounded"


def check_fair(arm: Arm, control: Arm, found: Sequence[Difference], *, path: Path) -> None:
    """Refuse an arm that is the control's own run, or differs in more than the mechanism without saying so.

    Raises:
        UserError: naming up to three differences.
    """
    if not found:
        raise UserError(
            f"an arm must differ from the control, got {arm.name} with the very runs of {control.name} (set "
            f"arms.{arm.name} in {path})"
        )
    others = [each for each in found if each.kind == "confounded"]
    if others and not arm.confounded:
        shown = ", ".join(f"{each.key} is {each.arm} for {each.control}" for each in others[:3])
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""
        raise UserError(
            f"an arm differs from the control in its attention alone, got {arm.name} where {shown}{more} (add "
            f"{arm.name} to the list confounded in {path} to compare all the same, labelled)"
        )


def same_runs(arm: Arm, others: Sequence[Arm]) -> str | None:
    """The name of another arm whose runs are these."""
    return next((other.name for other in others if counted(other.config) == counted(arm.config)), None)
