"""`attnlab train resume=DIR`: a run goes on by the values on record in its folder, and nothing else that lies there."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from attnlab.commands.train.reach import check_beginning, check_files, check_names, check_reach
from attnlab.config import checks, compose, identity, kinds
from attnlab.config.resolvers import of_values
from attnlab.errors import UserError, one_line
from attnlab.runs import run_folder
from attnlab.runs.read_places import say_places

VALUES = (
    "data.root",
    "data.cache_dir",
    "data.num_workers",
    "data.worker_timeout",
    "data.memory_mb",
    "trainer.enable_progress_bar",
    "trainer.threads",
    "trainer.max_steps",
)
GROUPS = ("logger", "callbacks")
RULE = f"beside resume only {', '.join(VALUES)}, logger.* and callbacks that compute nothing may be given"
ASKED = re.compile(r"\+{0,2}resume=")
INSTEAD = "drop resume, and give the overrides of a new run"


class Resumed(NamedTuple):
    """The configuration of a run that goes on."""

    config: dict[str, Any]
    is_longer: bool
    """Whether it is a new run, which begins where the folder's stands."""


def asked(overrides: Sequence[str]) -> bool:
    """Whether a run is to go on by its folder."""
    return any(ASKED.match(each) for each in overrides)


def resumed(overrides: Sequence[str], *, config_dirs: Sequence[str], trust: Sequence[str]) -> Resumed:
    """What `resume=DIR` and the few overrides that may stand beside it make of the values in DIR.

    `config_dirs` are the user's own folders, which new loggers and callbacks may come from.

    Raises:
        UserError: there is no run, or one of other results than this version computes; it names what isn't this
            project's or a trusted package's; or something else is changed.
    """
    directory = _directory([each for each in overrides if ASKED.match(each)])
    added = compose.parse([each for each in overrides if not ASKED.match(each)])
    for override in added:
        _check_may_be_given(override)
    stored = run_folder.recorded_config(directory)
    _check_run(stored, trust)
    check_names(directory, stored)
    check_beginning(directory, stored)
    check_files(directory)
    given = _given(added)
    own = _in(directory, stored)
    if "data.cache_dir" not in given and "cache_dir" in own["data"]:
        own["data"] = own["data"] | {"cache_dir": None}  # it is written to
    config = identity.without_nulls(_changed(own, added, config_dirs=config_dirs))
    check_reach(directory, config, given=given)
    if computing := run_folder.computing_callbacks(stored["callbacks"], config["callbacks"]):
        raise UserError(f"{RULE}, got another callbacks.{computing[0]} (drop it)")
    is_longer = run_folder.is_longer(directory, config["trainer"]["max_steps"])
    if not is_longer and run_folder.finished(directory) is not None:
        return Resumed(config, is_longer=False)  # it is only reported: its data isn't read
    if not is_longer and (number := run_folder.results_of(directory)) is not None:
        identity.check_results(number, holder=f"{directory} holds a run", instead=INSTEAD)
    if "data.root" not in given:
        say_places(config["data"], folder=directory)
    return Resumed(_longer(directory, stored, config) if is_longer else config, is_longer=is_longer)


@contextmanager
def remedies() -> Iterator[None]:
    """Where a mistake's remedy is a key that may not be given beside resume, the mistake says what may be done."""
    try:
        yield
    except UserError as error:
        keys = re.findall(r"(?:set|drop) (?:\+\+?)?([a-z_]+(?:\.[\w*]+)*)", str(error).rpartition("(")[2])
        if any(key.startswith("trainer.") and key not in VALUES for key in keys):
            raise UserError(
                f"{error}; beside resume that can't be changed: go on with it on a machine like that where it began, "
                f"or {INSTEAD}"
            ) from error
        raise


def _directory(asked: Sequence[str]) -> Path:
    override = compose.parse([asked[-1]])[0]
    if override.is_sweep_override() or len(asked) > 1:
        raise UserError(f"one run is resumed at a time, got {' '.join(asked)} (set resume to one run's folder)")
    value = override.value()
    if value in (None, ""):
        raise UserError(f"resume needs a run's folder, got {'null' if value is None else 'nothing'} (set resume=DIR)")
    directory = Path(str(value)).expanduser()
    if "${" in str(directory):
        raise UserError(f"a run's folder must be named without ${{, got {directory} (rename it)")
    if directory.is_file():
        folder = directory.parent.parent if directory.parent.name == "checkpoints" else "a run's folder"
        raise UserError(f"a run is resumed by its folder, got the file {directory} (set resume to {folder})")
    return directory


def _check_may_be_given(override: Override) -> None:
    key, text = override.key_or_group, override.input_line
    if override.is_sweep_override():
        raise UserError(f"a run is resumed with one value of a key, got {text!r} (give one)")
    if key.split(".")[0] not in GROUPS and (key not in VALUES or override.is_delete()):
        raise UserError(
            f"a run that is resumed goes on as it began, got {text} (drop resume to train another run with it, or drop "
            f"it; {RULE})"
        )


def _check_run(stored: dict[str, Any], trust: Sequence[str]) -> None:
    from attnlab.runs.allowed import check_run  # torch's

    check_run(stored, trust=trust)


def _in(directory: Path, stored: dict[str, Any]) -> dict[str, Any]:
    """The run where it lies now: what was kept in its folder is kept there."""
    before = str(stored["output_dir"])
    moved = {group: _moved(stored[group], before, str(directory)) for group in GROUPS}
    return {**stored, **moved, "output_dir": str(directory), "fresh": False}


def _moved(node: Any, before: str, now: str) -> Any:
    if isinstance(node, dict):
        return {key: _moved(value, before, now) for key, value in node.items()}
    if isinstance(node, list):
        return [_moved(value, before, now) for value in node]
    if isinstance(node, str) and (node == before or node.startswith(before + os.sep)):
        return now + node.removeprefix(before)
    return node


def _given(added: Sequence[Override]) -> set[str]:
    """The groups and the keys of single values that the user names; of a group of values, those in it."""
    keys = {each.key_or_group for each in added}
    values = {each.key_or_group: each.value() for each in added if "." in each.key_or_group}
    return keys - values.keys() | {key for name, value in values.items() for key, _ in run_folder.leaves(value, name)}


def _changed(config: dict[str, Any], added: Sequence[Override], *, config_dirs: Sequence[str]) -> dict[str, Any]:
    before, tree = of_values(config), of_values(config)
    try:
        for override in added:
            _apply(tree, override, config_dirs=config_dirs)
        kinds.check_types(before, tree, [each for each in added if each.key_or_group in VALUES])
        changed = OmegaConf.to_container(tree, resolve=True)
    except OmegaConfBaseException as error:
        raise UserError(one_line(error)) from error
    assert isinstance(changed, dict)
    return {str(key): value for key, value in changed.items()}


def _apply(tree: DictConfig, override: Override, *, config_dirs: Sequence[str]) -> None:
    key, value = override.key_or_group, override.value()
    parent, _, name = key.rpartition(".")
    if not parent:  # a group: another of its files
        chosen = "none" if value is None or override.is_delete() else str(value)
        tree[key] = compose.load_group(key, chosen, config_dirs=config_dirs)
        return
    adds = override.is_add() or override.is_force_add()
    if not adds:
        checks.check_key(tree, key)
    if override.is_delete():
        del OmegaConf.select(tree, parent)[name]
    else:
        OmegaConf.update(tree, key, value, merge=True, force_add=adds)


def _longer(directory: Path, stored: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """A new run, in its own folder: beside the one that it goes on from, or in `outputs` if that one lies elsewhere."""
    # However it was spelled, it is the same run.
    config = {**config, "continue_from": os.path.realpath(directory)}
    named = Path(str(stored["run_path"]))
    lies = Path(os.path.abspath(directory))
    root = lies.parents[len(named.parts) - 1] if lies.parts[-len(named.parts) :] == named.parts else Path("outputs")
    run_path = named.parent / identity.run_hash(config)
    place = {"output_root": str(root), "run_path": str(run_path), "output_dir": str(root / run_path)}
    return {
        **config,
        **{group: _moved(config[group], str(directory), place["output_dir"]) for group in GROUPS},
        **place,
    }
