"""A run's folder on disk, without anything heavy: whose it is, and whether it is finished."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, NoneType
from typing import Any

from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.files import remove_drafts, write_text, writing
from attnlab.reading.bounds import read_json
from attnlab.runs import own_code

Kinds = tuple[type, ...]


class Damaged(UserError):
    """A file of an earlier run isn't what it should be."""


def finished(directory: Path) -> dict[str, Any] | None:
    """The results of a run that has ended, or None."""
    path = directory / "metrics.json"
    if not path.is_file():
        return None
    results = _read(path)
    best, number = results.get("best"), results.get("results", 1)
    scored = isinstance(best, dict) and type(best.get("score", "")) in (int, float, NoneType)
    if not (scored and isinstance(results.get("test"), dict) and type(number) is int and number > 0):
        raise _damaged(path)
    return results


def _damaged(path: Path) -> Damaged:
    return Damaged(f"this file of an earlier run is damaged, got {path} ({own_code.AGAIN})")


def _read(path: Path) -> dict[str, Any]:
    try:
        found = read_json(path)
    except (ValueError, RecursionError) as error:
        raise _damaged(path) from error
    if not isinstance(found, dict):
        raise _damaged(path)
    return found


def config_of(directory: Path) -> dict[str, Any]:
    """The resolved configuration that a run's folder has on record, in today's names."""
    recorded = _read(directory / "config.json")
    recorded.pop("results", None)
    return identity.config_of_today(recorded)


# What a stored configuration must have for a run to go on from it.
NODES = ("task", "model", "data", "trainer", "callbacks", "logger")
VALUES = ("seed", "name", "output_root", "run_path", "output_dir", "fresh", "init_from", "init_strict")


def recorded_config(directory: Path) -> dict[str, Any]:
    """Likewise, of a folder that anyone may have written: it has all that a run's configuration has.

    Raises:
        UserError: it isn't a run's.
    """
    path = directory / "config.json"
    if not path.is_file():
        raise UserError(f"no run to resume, got {directory} (expected {path}; set resume to a run's folder)")
    try:
        found = read_json(path)
        config = identity.config_of_today(found if isinstance(found, dict) else {})
    except (ValueError, RecursionError):
        config = {}
    number = config.pop("results", 1)
    nodes = [key for key in NODES if not isinstance(config.get(key), dict)]
    values = [key for key in VALUES if key not in config]
    if nodes or values:
        raise UserError(
            f"this isn't a run's configuration, got {path} without a whole {(nodes + values)[0]} (set resume to "
            "another run's folder)"
        )
    _check_form(config | {"results": number}, path)
    return config


# The kinds of a record's values that are read before the objects are made, which check their own.
_FORM: dict[str, Kinds] = {
    **dict.fromkeys(("name", "output_root", "run_path", "output_dir"), (str,)),
    **dict.fromkeys(("init_from", "continue_from"), (str, NoneType)),
    **dict.fromkeys(("fresh", "init_strict"), (bool,)),
    **dict.fromkeys(("seed", "results", "trainer.max_steps", "trainer.keep_checkpoints"), (int,)),
    "trainer.max_epochs": (int, NoneType),
    "trainer.threads": (int, NoneType),
}
_LEAST = {"seed": 0, "results": 1, "trainer.max_steps": 1, "trainer.keep_checkpoints": 1, "trainer.max_epochs": 1}
_WORDS: dict[type, str] = {str: "text", int: "a whole number", bool: "true or false", NoneType: "null"}


def _check_form(config: dict[str, Any], path: Path) -> None:
    """Raise UserError for the first value of another kind than a run's record has."""
    found = dict(leaves(config))
    for key, kinds in _FORM.items():
        value = config[key] if key in config else found.get(key, "nothing")
        least = _LEAST.get(key, 1)
        if type(value) not in kinds or (type(value) is int and not least <= value < 2**32):
            words = " or ".join(_WORDS[kind] for kind in kinds)
            raise UserError(
                f"{key} must be {words}{f' from {least}' if int in kinds else ''} in a run's configuration, got "
                f"{value!r} in {path} (set resume to another run's folder)"
            )
    for group in ("callbacks", "logger"):
        for name, node in config[group].items():
            if not isinstance(node, dict):
                raise UserError(
                    f"{group}.{name} must be a group of values in a run's configuration, got {node!r} in {path} (set "
                    "resume to another run's folder)"
                )
    for key, value in config["data"].items():
        if value is None and key in ("corpus", "images", "source"):
            raise UserError(
                f"data.{key} must be a group of values in a run's configuration, got null in {path} (set resume to "
                "another run's folder)"
            )


# What only shows or records a run, so that it may change while the run goes on.
RECORDERS = (
    "attnlab.callbacks.AttentionMaps",
    "attnlab.callbacks.ConfusionPicture",
    "attnlab.callbacks.FailureSigns",
    "attnlab.callbacks.GeneratedPictures",
    "attnlab.callbacks.LearningCurves",
    "attnlab.callbacks.Samples",
    "attnlab.callbacks.Throughput",
    *(
        f"lightning.pytorch.callbacks.{name}"
        for name in (
            "DeviceStatsMonitor",
            "LearningRateMonitor",
            "ModelCheckpoint",
            "ModelSummary",
            "RichModelSummary",
            "RichProgressBar",
            "TQDMProgressBar",
        )
    ),
)


def computing_callbacks(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """The names of those that two configurations have otherwise, and that may change what is computed."""

    def computes(node: Any) -> bool:
        return node is not None and not (isinstance(node, dict) and node.get("_target_") in RECORDERS)

    names = sorted(before.keys() | now.keys())
    changed = [name for name in names if before.get(name) != now.get(name)]
    return [name for name in changed if computes(before.get(name)) or computes(now.get(name))]


def results_of(directory: Path) -> int | None:
    """The number of the results that a folder's run computes or has computed; None where there is no run."""
    path = directory / "config.json"
    return identity.results_of(_read(path)) if path.is_file() else None


def earlier_run(config: dict[str, Any]) -> tuple[Path, int] | None:
    """The folder of the same run under an earlier number of results, and that number, if it lies beside this one's."""
    directory = Path(config["output_dir"])
    if directory != Path(config["output_root"], config["run_path"]) or directory.name != identity.run_hash(config):
        return None  # named by hand
    for number in range(identity.RESULTS - 1, 0, -1):
        folder = directory.with_name(identity.run_hash(config, results=number))
        if folder.is_dir():
            return folder, number
    return None


def prepare(
    directory: Path, config: dict[str, Any], *, resumes: bool = False, code: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Make the folder and write `config.json`; with `fresh`, put an earlier run's files aside in `earlier/N`.

    A folder whose run `resumes` keeps its `config.json`, so that the command that began it still goes on with it. The
    user's own `code` is put on record where a run begins.

    Raises:
        UserError: the folder can't be written, or holds a run of another configuration or number of results.
    """
    with writing(f"to {directory}", remedy="set output_dir"):
        directory.mkdir(parents=True, exist_ok=True)
        remove_drafts(directory)
        if config["fresh"]:
            _put_aside(directory)
        (directory / "checkpoints").mkdir(exist_ok=True)
        if resumes:
            return
        check_same_config(directory, config)
        if has_nothing(directory):
            own_code.record(directory, code)  # first: whoever finds a run takes what is there for all of it
        recorded = config | {"results": identity.RESULTS}
        write_text(directory / "config.json", json.dumps(recorded, indent=1, ensure_ascii=False) + "\n")


def _put_aside(directory: Path) -> None:
    kept = {".hydra", ".lock", "earlier", "train.log"}
    old = [path for path in directory.iterdir() if path.name not in kept]
    if not old:
        return
    earlier = directory / "earlier"
    number = 1 + len(list(earlier.iterdir())) if earlier.exists() else 1
    (earlier / str(number)).mkdir(parents=True)
    # Whoever ends this halfway leaves a run that isn't finished any more.
    for path in sorted(old, key=lambda path: path.name != "metrics.json"):
        path.rename(earlier / str(number) / path.name)


def check_same_config(directory: Path, config: dict[str, Any]) -> None:
    """Refuse to go on with a folder whose run was configured otherwise, or would have computed other results.

    A finished run may have an earlier number: it is reported with it.

    Raises:
        UserError: naming up to five differences.
    """
    number = results_of(directory)
    if number is None or has_nothing(directory):
        return
    if shown := _differences(directory, config):
        raise UserError(f"{directory} holds a run of another config: {shown} (set output_dir, or fresh=true)")
    if finished(directory) is None:
        identity.check_results(number, holder=f"{directory} holds a run", instead="set output_dir, or fresh=true")


REFUSED = (".hydra", ".lock", "code.json", "config.json", "earlier", "train.log")


def has_nothing(directory: Path) -> bool:
    """Whether no run was begun there, or one that was refused before it trained: nothing is lost with its record."""
    if not directory.is_dir():
        return True
    left = [each for each in directory.iterdir() if each.name not in REFUSED]
    return all(each.name == "checkpoints" and each.is_dir() and not any(each.iterdir()) for each in left)


def is_longer(directory: Path, max_steps: int | None) -> bool:
    """Whether so many updates are more than a folder's run takes; None for as many as it takes.

    Raises:
        UserError: they are fewer, or that run counts passes.
    """
    if max_steps is None or not (directory / "config.json").is_file():
        return False
    before = config_of(directory)["trainer"]
    if before["max_epochs"] is not None:
        raise UserError(
            f"the run in {directory} counts passes, got trainer.max_steps={max_steps} (drop it, or give the overrides "
            "of a new run, with init_from)"
        )
    if max_steps < before["max_steps"]:
        raise UserError(
            f"a run goes on to more updates, got trainer.max_steps={max_steps}, and {directory} takes "
            f"{before['max_steps']} (set a larger trainer.max_steps)"
        )
    return bool(max_steps > before["max_steps"])


def check_longer(config: dict[str, Any]) -> None:
    """Refuse to go on from a run that differs in more than its length.

    Raises:
        UserError: naming up to five differences, or that there is nothing to go on from.
    """
    directory = Path(config["continue_from"])
    if not (directory / "checkpoints" / "last.ckpt").is_file() or results_of(directory) is None:
        raise UserError(f"no run to go on from, got {directory} (expected checkpoints/last.ckpt; set continue_from)")
    free = ("continue_from", "fresh", "trainer.max_steps", "trainer.threads", "data.root")
    if shown := _differences(directory, config, aside=free):
        raise UserError(f"only a longer run goes on from {directory}: {shown} (drop them, or set init_from instead)")
    if not is_longer(directory, config["trainer"]["max_steps"]):
        raise UserError(
            f"a run goes on to more updates than {directory} takes, got {config['trainer']['max_steps']} "
            "(set a larger trainer.max_steps)"
        )


def _differences(directory: Path, config: dict[str, Any], *, aside: Sequence[str] = ()) -> str:
    """Up to five keys in which a folder's run was configured otherwise, `aside` left out, and how many more."""
    before = dict(leaves(identity.decisive(config_of(directory))))
    now = dict(leaves(identity.decisive(identity.config_of_today(json.loads(json.dumps(config))))))
    for each in (before, now):
        if each.get("continue_from") is not None:
            each["continue_from"] = os.path.realpath(each["continue_from"])
    lacking = dict.fromkeys(before.keys() ^ now.keys(), "nothing")
    before, now = lacking | before, lacking | now
    changed = [key for key in sorted(before) if before[key] != now[key] and key not in aside]
    if aside:
        kept = computing_callbacks(config_of(directory)["callbacks"], config["callbacks"])
        changed = [key for key in changed if key.split(".")[0] != "callbacks" or key.split(".")[1] in kept]
    shown = ", ".join(f"{key} was {before[key]}, now {now[key]}" for key in changed[:5])
    return shown + (f" and {len(changed) - 5} more" if len(changed) > 5 else "")


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The values of nested dictionaries with their dotted keys."""
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from leaves(value, f"{path}.{key}" if path else str(key))
    else:
        yield path, node
