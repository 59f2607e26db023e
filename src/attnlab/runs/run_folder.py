"""A run's folder on disk, without anything heavy: whose it is, and whether it is finished."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.files import write_text, writing


def finished(directory: Path) -> dict[str, Any] | None:
    """The results of a run that has ended, or None."""
    path = directory / "metrics.json"
    return _read(path) if path.is_file() else None


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"this file of an earlier run is damaged, got {path} (set fresh=true to begin anew)") from error
    assert isinstance(found, dict)
    return found


def config_of(directory: Path) -> dict[str, Any]:
    """The resolved configuration that a run's folder has on record, in today's names."""
    recorded = _read(directory / "config.json")
    recorded.pop("results", None)
    return identity.config_of_today(recorded)


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


def prepare(directory: Path, config: dict[str, Any]) -> None:
    """Make the folder and write `config.json`; with `fresh`, put an earlier run's files aside in `earlier/N`.

    Raises:
        UserError: the folder can't be written, or holds a run of another configuration or number of results.
    """
    with writing(f"to {directory}", remedy="set output_dir"):
        directory.mkdir(parents=True, exist_ok=True)
        if config["fresh"]:
            _put_aside(directory)
        check_same_config(directory, config)
        (directory / "checkpoints").mkdir(exist_ok=True)
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
    for path in old:
        path.rename(earlier / str(number) / path.name)


def check_same_config(directory: Path, config: dict[str, Any]) -> None:
    """Refuse to go on with a folder whose run was configured otherwise, or would have computed other results.

    A finished run may have an earlier number: it is reported with it.

    Raises:
        UserError: naming up to five differences.
    """
    number = results_of(directory)
    if number is None:
        return
    if shown := _differences(directory, config):
        raise UserError(f"{directory} holds a run of another config: {shown} (set output_dir, or fresh=true)")
    if finished(directory) is None:
        identity.check_results(number, holder=f"{directory} holds a run", instead="set output_dir, or fresh=true")


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
    if shown := _differences(directory, config, aside=("continue_from", "fresh", "trainer.max_steps")):
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
    lacking = dict.fromkeys(before.keys() ^ now.keys(), "nothing")
    before, now = lacking | before, lacking | now
    changed = [key for key in sorted(before) if before[key] != now[key] and key not in aside]
    shown = ", ".join(f"{key} was {before[key]}, now {now[key]}" for key in changed[:5])
    return shown + (f" and {len(changed) - 5} more" if len(changed) > 5 else "")


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The values of nested dictionaries with their dotted keys."""
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from leaves(value, f"{path}.{key}" if path else str(key))
    else:
        yield path, node
