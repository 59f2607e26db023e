"""A run's folder on disk, without anything heavy: whose it is, and whether it is finished."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attnlab.compose import identity
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


def prepare(directory: Path, config: dict[str, Any]) -> None:
    """Make the folder and write `config.json`; with `fresh`, put an earlier run's files aside in `earlier/N`.

    Raises:
        UserError: the folder can't be written, or holds a run of another configuration.
    """
    with writing(f"to {directory}", remedy="set output_dir"):
        directory.mkdir(parents=True, exist_ok=True)
        if config["fresh"]:
            _put_aside(directory)
        check_same_config(directory, config)
        (directory / "checkpoints").mkdir(exist_ok=True)
        write_text(directory / "config.json", json.dumps(config, indent=1, ensure_ascii=False) + "\n")


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
    """Refuse to go on with a folder whose run was configured otherwise.

    Raises:
        UserError: naming up to five differences.
    """
    path = directory / "config.json"
    if not path.is_file():
        return
    before = dict(leaves(identity(_read(path))))
    now = dict(leaves(identity(json.loads(json.dumps(config)))))
    changed = [k for k in sorted(before.keys() | now.keys()) if before.get(k, "nothing") != now.get(k, "nothing")]
    if changed:
        shown = ", ".join(f"{k} was {before.get(k, 'nothing')}, now {now.get(k, 'nothing')}" for k in changed[:5])
        more = f" and {len(changed) - 5} more" if len(changed) > 5 else ""
        raise UserError(f"{directory} holds a run of another config: {shown}{more} (set output_dir, or fresh=true)")


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The values of nested dictionaries with their dotted keys."""
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from leaves(value, f"{path}.{key}" if path else str(key))
    else:
        yield path, node
