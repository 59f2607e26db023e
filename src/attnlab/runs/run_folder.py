"""A run's folder on disk, without anything heavy: whose it is, and whether it is finished."""

import json
from collections.abc import Iterator
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
    return identity.in_todays_names(recorded)


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
    before = dict(leaves(identity.identity(config_of(directory))))
    now = dict(leaves(identity.identity(json.loads(json.dumps(config)))))
    lacking = {key: identity.NEWER.get(key, "nothing") for key in before.keys() ^ now.keys()}
    before, now = lacking | before, lacking | now
    changed = [key for key in sorted(before) if before[key] != now[key]]
    if changed:
        shown = ", ".join(f"{key} was {before[key]}, now {now[key]}" for key in changed[:5])
        more = f" and {len(changed) - 5} more" if len(changed) > 5 else ""
        raise UserError(f"{directory} holds a run of another config: {shown}{more} (set output_dir, or fresh=true)")
    if finished(directory) is None:
        identity.check_results(number, holder=f"{directory} holds a run", instead="set output_dir, or fresh=true")


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The values of nested dictionaries with their dotted keys."""
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from leaves(value, f"{path}.{key}" if path else str(key))
    else:
        yield path, node
