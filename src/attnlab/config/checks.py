"""What is wrong with overrides and with what they compose, each mistake in one line that names the key."""

import re
from collections.abc import Iterator
from typing import Any, cast

from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from attnlab.config import identity
from attnlab.config.choices import SLOT
from attnlab.config.composer import SHOWN, Composer, group_of
from attnlab.config.identity import OPTIONAL
from attnlab.config.kinds import check_value, value_at
from attnlab.config.other_options import taken_by_others
from attnlab.config.ranges import check_numbers
from attnlab.config.resolvers import takes_attention
from attnlab.config.suggestions import groups, key_guess
from attnlab.config.trainer_words import check_words
from attnlab.errors import UserError, closest, unless_guessed

LONGEST_PART = 255  # bytes of a name, on the file systems in use


def check_groups(composer: Composer, overrides: list[Override]) -> None:
    """Raise UserError, with the choices, if a group is given a name that it hasn't, or none where it needs one."""
    for override in overrides:
        name, group = override.value(), group_of(override)
        dispensable = group == "experiment" or (override.is_delete() and group in OPTIONAL)
        if name is None and not override.is_delete() and "null" in composer.options(group):
            raise UserError(f"null is no file's name, got {override.input_line} (rename {group}/null.yaml)")
        if name is None and not override.package and not dispensable:
            raise UserError(f"{group} is needed (choose from {', '.join(composer.options(group))})")
        if isinstance(name, dict):
            raise UserError(
                f"{group}=NAME chooses a file, got {override.input_line} (write {group}.KEY=VALUE for a value)"
            )
        if isinstance(name, list) and group not in OPTIONAL:
            row = ",".join(map(str, name))
            raise UserError(
                f"one {group} is chosen, got {override.input_line} (write {group}={row.partition(',')[0]}, or for a "
                f"sweep {group}={row} with -m)"
            )
        for each in name if isinstance(name, list) else [name]:
            if each is not None and not override.is_delete() and each not in composer.options(group):
                raise composer.no_such_option(group, str(each), place=override.package or "")


def check_keys(config: DictConfig, overrides: list[Override]) -> None:
    """Raise UserError if one changes a key that isn't there; those that add one may."""
    for override in overrides:
        key = override.key_or_group
        if key.split(".")[0] == "hydra":
            continue
        check_reference(config, key)
        if not (override.is_add() or override.is_force_add()):
            check_key(config, key, typed=(override.input_line or "").partition("=")[2])


def check_key(config: DictConfig, key: str, *, typed: str | None = None) -> None:
    """Raise UserError, with the nearest key, if there is no value at a dotted key to change.

    `typed` is the value, of a configuration that was composed last, whose other options are asked for the key then.
    """
    node: Any = config
    parts = key.split(".")
    for depth, part in enumerate(parts):
        if not isinstance(node, DictConfig) or part not in node.keys():  # noqa: SIM118  # `in` misses a ??? value
            where = ".".join(parts[:depth])
            if not isinstance(node, DictConfig):
                raise UserError(_below_a_value(config, key, where, node))
            if not depth and part in groups() and part != key:
                raise UserError(f"no key {key!r}: this run has no {part} (drop it, or set another model or task)")
            if typed is not None and (others := taken_by_others(key, typed or "...")):
                raise UserError(f"no key {key!r}: {others}")
            known = sorted(str(k) for k in node if not str(k).startswith("_") and k != "hydra")
            guess = key_guess(config, key, known, where)
            has = (
                f"has {', '.join(known)}" if known else f"has none (write +{key}=... for what its class takes besides)"
            )
            has = unless_guessed(guess, known, f"; {where or 'the top level'} {has}")
            raise UserError(f"no key {key!r}{guess}{has}")
        node = node[part] if depth + 1 < len(parts) else None


def _below_a_value(config: DictConfig, key: str, where: str, value: Any) -> str:
    """What a key below one that has a value is told, such as that of a slot that has no mechanism of its own."""
    if value is not None or not SLOT.fullmatch(f"{where}=any"):
        return f"no key {key!r}: {where} is a value, {value!r} (set {where}=...)"
    shared = f"attention{key[len(where) :]}"
    there = f"set {shared}=..., or " if OmegaConf.select(config, shared) is not None else ""
    return (
        f"no key {key!r}: this slot has no mechanism of its own, it takes that of attention ({there}give it one that "
        f"has such a key, as {where}=NAME)"
    )


def check_reference(config: DictConfig, key: str) -> None:
    """Raise UserError if a dotted key leads through what is another key's, where its value is to be set."""
    written: Any = OmegaConf.to_container(config, resolve=False)
    parts = key.split(".")
    for depth, part in enumerate(parts[:-1], start=1):
        written = written.get(part) if isinstance(written, dict) else None
        if there := re.fullmatch(r"\$\{([\w.]+)\}", written if isinstance(written, str) else ""):
            meant = ".".join([there[1], *parts[depth:]])
            raise UserError(f"{'.'.join(parts[:depth])} is what {there[1]} says, got {key} (set {meant})")


def check_additions(before: DictConfig, after: DictConfig, overrides: list[Override]) -> None:
    """Raise UserError if one adds to the top level what no code reads, and no other value refers to."""
    known = [*map(str, before), *identity.NEWER.get("", ())]
    written = str(OmegaConf.to_container(after, resolve=False))
    for override in overrides:
        top = override.key_or_group.split(".")[0]
        if top not in (*known, "hydra") and not override.is_delete() and not re.search(rf"\$\{{{top}\b", written):
            guess = closest(top, known)
            raise UserError(
                f"nothing reads a key {top!r}, got {override.input_line}{guess} (drop it, or refer to it by ${{{top}}})"
            )


def check_alternative(composer: Composer, before: DictConfig, override: Override) -> None:
    """What can be said of one more value of a sweep without composing its run, which is checked when it begins.

    `before` is the configuration of another run of the sweep without its values.

    Raises:
        UserError: no such name, or a value of another kind.
    """
    key, value = override.key_or_group, override.value()
    if key.split(".")[0] == "hydra":
        return
    if composer.is_group(override):
        check_groups(composer, [override])
    elif isinstance(value, (bool, int, float)) or (isinstance(value, str) and "${" not in value):
        check_value(before, key, value)
        if key == "seed":
            check_seed(value)


def is_whole(config: DictConfig, key: str) -> bool:
    """Whether the value at a dotted key is a whole number."""
    value = value_at(config, key)
    return isinstance(value, int) and not isinstance(value, bool)


def check_experiment(config: DictConfig) -> None:
    """Raise UserError for a file whose values would stand where nothing reads them, or in a whole group's place."""
    node = config.get("experiment")
    if node:
        name = HydraConfig.get().runtime.choices["experiment"]
        raise UserError(
            f"an experiment's file sets values of the whole run, got {', '.join(map(str, node))} of its own alone "
            f"(begin experiment/{name}.yaml with the line # @package _global_)"
        )
    for group in ("task", "model", "data", "trainer", "optimizer", "scheduler", "attention"):
        if isinstance(value := config.get(group), str):
            raise UserError(
                f"{group} must be a group of values, got {value!r} (write override /{group}: {value} in the defaults "
                "of the file that says so)"
            )


def check_attention_is_used(config: DictConfig, overrides: list[Override]) -> None:
    """Raise UserError if a mechanism is chosen for a model that has no place for it."""
    model = HydraConfig.get().runtime.choices["model"]
    for group, taken in (
        ("attention", takes_attention(config)),
        ("feature_attention", "feature_attention" in config.model),
    ):
        asked = [o.value() for o in overrides if o.key_or_group == group and not o.package]
        if asked and not taken:
            raise UserError(
                f"model={model} has no {group} to swap, got {group}={asked[-1]} (drop it, or set model=...)"
            )


SCHEME = re.compile(r"[A-Za-z][\w+.-]+:")
NEEDED = ("task", "model", "data", "trainer", "seed", "name", "output_root", "run_path", "output_dir", "fresh")


def check_given(config: DictConfig) -> None:
    """Raise UserError if what no run can be without is null, empty or deleted; values needn't be resolved."""
    for key in NEEDED:
        node = config._get_node(key) if key in config.keys() else None  # noqa: SIM118  # `in` misses a ??? value
        value = None if node is None else node._value()
        if value is None or (isinstance(value, str) and not value.strip()):
            raise UserError(f"{key} is needed, got {'null' if value is None else repr(value)} (set {key}=...)")


def check_values(config: DictConfig) -> None:
    """Raise UserError if a number is out of range, or a value at the top level is no text where text is needed."""
    check_seed(config.seed)
    plain = cast(dict[str, Any], OmegaConf.to_container(config))
    check_numbers(plain)
    check_words(plain["trainer"])
    task = HydraConfig.get().runtime.choices["task"]
    for key in ("name", "run_path", "output_root", "output_dir", "continue_from", "init_from"):
        value = config[key]
        if value is None:
            continue
        if not isinstance(value, str):
            raise UserError(f"{key} must be text, got {value!r} (write {key}=\"'{value}'\")")
        if not value.isprintable():
            raise UserError(f"{key} must be of characters that can be printed, got {value!r} (set {key})")
        if any(len(part.encode()) > LONGEST_PART for part in re.split(r"[/\\]", value)):
            raise UserError(
                f"the name of a file or folder has at most {LONGEST_PART} bytes, got {value[:SHOWN]}... of "
                f"{len(value)} letters (set {key})"
            )
        if key in ("name", "run_path"):
            if leads_up(value):
                raise UserError(f"a run lies within the folder of all runs, got {key}={value} (set {key})")
        elif "::" in value or SCHEME.match(value):
            raise UserError(f"{key} must be a path on this machine, without :: or a scheme:, got {value} (set {key})")
        if key == "run_path" and value.partition("/")[0] != task:  # by which records name the task
            raise UserError(f"run_path must begin with {task}/, got {value} (set output_dir instead)")
        if value == "" and key not in ("continue_from", "init_from"):
            raise UserError(f"{key} must be a name, got nothing (set {key})")


def leads_up(name: str) -> bool:
    """Whether a name, as part of a path, leads out of the folder that it is joined to."""
    return name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name)


def check_seed(seed: Any) -> None:
    """Raise UserError if it isn't one that every generator takes."""
    if not 0 <= seed < 2**32:
        raise UserError(f"seed must be from 0 to {2**32 - 1}, got {seed} (set seed)")


def missing_keys(node: Any, path: str = "") -> Iterator[str]:
    """The keys whose value is ???, which the user must give. OmegaConf's own search fails at what refers to them."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from missing_keys(value, f"{path}.{key}" if path else str(key))
    elif node == "???":
        yield path


def misfit(config: DictConfig, error: OmegaConfBaseException) -> str | None:
    """What to say where the model or the data asks for what the data or the task hasn't; None for other mistakes."""
    match = re.search(r"Interpolation key '([\w.]+)' not found", str(error))
    if match is None:
        return None
    given = OmegaConf.to_container(HydraConfig.get().overrides.task, resolve=False)
    typed = [str(each) for each in given or () if f"${{{match[1]}}}" in str(each)]
    if typed:
        known = [str(key) for key in config]
        guessed = key_guess(config, match[1], known, "")
        return f"a value refers to what isn't there, got {typed[0]}{guessed} (refer to a key that is)"
    chosen = HydraConfig.get().runtime.choices
    asking = [part for part in ("model", "data") if f"${{{match[1]}}}" in str(OmegaConf.to_container(config[part]))]
    if "model" in asking and match[1].startswith("data."):
        return (
            f"this model doesn't fit this data: model={chosen['model']} needs {match[1]}, which data={chosen['data']} "
            f"(of task={chosen['task']}) hasn't (set model=... or data=...)"
        )
    if "data" in asking:
        return (
            f"this data doesn't fit this task: data={chosen['data']} needs {match[1]}, which task={chosen['task']} "
            "hasn't (set task=... or data=...)"
        )
    if "model" in asking:
        return (
            f"this model doesn't fit this task: model={chosen['model']} needs {match[1]}, which task={chosen['task']} "
            "hasn't (set task=... or model=...)"
        )
    return None
