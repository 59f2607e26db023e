"""Self-contained checkpoints that run no code of a stranger's when they are loaded."""

import json
import zipfile
from pathlib import Path
from typing import Any

import torch

from attnlab.config import identity, trusted_files
from attnlab.errors import UserError
from attnlab.reading.bounds import plain_json
from attnlab.reading.pickles import Refused
from attnlab.reading.stated_tensors import Malformed
from attnlab.reading.tensor_files import read_tensor_file

KEY = "attnlab"
FORMAT = 1
GROUPS = ("model", "data", "task", "trainer")  # of a run's config
LARGEST = 1 << 31  # of the sizes that data tells: ids are of 32 bits


def contents(config: dict[str, Any], sizes: dict[str, int], codec: dict[str, Any], checksum: str) -> dict[str, Any]:
    """What this project adds to Lightning's checkpoint: plain values only; `checksum` is of the raw data."""
    return {
        "format": FORMAT,
        "results": identity.RESULTS,
        "config": json.dumps(config, ensure_ascii=False),
        "sizes": sizes,
        "codec": codec,
        "checksum": checksum,
    }


NO_CHECKPOINTS = (".json", ".jsonl", ".csv", ".md", ".html", ".yaml", ".png", ".log", ".txt", ".py")


def find(path: str | Path) -> Path:
    """The checkpoint file that a run folder or file name stands for.

    Raises:
        UserError: there is none.
    """
    path = Path(path).expanduser()
    if path.is_dir():
        for candidate in (path / "checkpoints" / "best.ckpt", path / "best.ckpt"):
            if candidate.is_file():
                return candidate
        raise UserError(f"no checkpoint in this folder, got {path} ({_instead(path)})")
    if not path.is_file():
        raise UserError(f"no such run folder or checkpoint, got {path}")
    if path.suffix in NO_CHECKPOINTS:
        of_run = path.parent if (path.parent / "config.json").is_file() else "a run's folder"
        raise UserError(f"a run is given by its folder or a checkpoint, got the file {path} (give {of_run})")
    return path


def _instead(folder: Path) -> str:
    """What to do about a folder without a checkpoint."""
    if (folder / "config.json").is_file():
        return "its run hasn't come to one: train on by the same command, or give another run; see attnlab list runs"
    return f"give a run's folder, which has checkpoints/best.ckpt; see attnlab list runs {folder}"


def load(path: Path) -> dict[str, Any]:
    """A checkpoint's tensors and plain values, on the CPU.

    Raises:
        UserError: this torch is safe with files of the user's own alone, and this may be a stranger's; or the file
            can't be read, is damaged, isn't a checkpoint of this project, or holds more than plain values.
    """
    trusted_files.check_file(path)
    try:
        stored = read_tensor_file(path)
    except Refused as error:
        raise UserError(
            f"this checkpoint holds objects other than tensors and plain values: {path}: {error}"
        ) from error
    except OSError as error:
        raise UserError(f"this checkpoint can't be read, got {path}: {error.strerror}") from error
    except MemoryError as error:
        raise UserError(f"this checkpoint must fit into memory, got {path} (free some)") from error
    except Malformed as error:
        raise UserError(
            f"this checkpoint is damaged or not a checkpoint, got {path}: {error} (give {_whole_beside(path)})"
        ) from error
    if not isinstance(stored, dict) or KEY not in stored:
        raise UserError(f"not a checkpoint written by attnlab, got {path}")
    _check_form(stored, path)
    if stored[KEY]["format"] != FORMAT:
        raise UserError(f"this checkpoint's format is {stored[KEY]['format']}, this version reads {FORMAT}: {path}")
    return stored


def _whole_beside(path: Path) -> str:
    """What to give in the place of a file that isn't whole: the run's last checkpoint, if its end is there."""
    others = [each for each in path.parent.glob("*.ckpt") if each != path and zipfile.is_zipfile(each)]
    last = max(others, key=lambda each: (each.name == "last.ckpt", each.stat().st_mtime), default=None)
    return "a run's folder, or a whole .ckpt of one" if last is None else f"{last}, which is beside it and whole"


def _check_form(stored: dict[str, Any], path: Path) -> None:
    """Raise UserError for the first of what `contents` writes that is lacking or of another kind."""
    ours = stored[KEY] if isinstance(stored[KEY], dict) else {}
    stored_codec = ours.get("codec")
    codec = stored_codec if isinstance(stored_codec, dict) else {}
    expected: list[tuple[str, Any, type]] = [
        ("format", ours.get("format"), int),
        ("config", ours.get("config"), str),
        ("sizes", ours.get("sizes"), dict),
        ("codec.class", codec.get("class"), str),
        ("codec.state", codec.get("state"), dict),
        ("checksum", ours.get("checksum"), str),
        ("results", ours.get("results", 1), int),
        ("state_dict", stored.get("state_dict"), dict),
        ("environment", stored.get("environment", {}), dict),
    ]
    for name, value, kind in expected:
        if not isinstance(value, kind):
            raise _damaged(path, f"without its {name}")
    sizes = {**ours["sizes"], "format": ours["format"], "results": ours.get("results", 1)}
    for name, value in sizes.items():
        if not isinstance(name, str) or type(value) is not int or not 0 <= value <= LARGEST:
            raise _damaged(path, f"whose {name} is {value!r}")
    if wrong := [name for name in codec["state"] if not isinstance(name, str)]:
        raise _damaged(path, f"whose codec has a value named {wrong[0]!r}")
    _check_weights(stored["state_dict"], path)
    _parsed_config(ours["config"], path)


def _check_weights(weights: dict[Any, Any], path: Path) -> None:
    for name, value in weights.items():
        if not isinstance(value, torch.Tensor) or not isinstance(name, str):
            raise _damaged(path, f"whose weights {name} are none")
        if (value.is_floating_point() or value.is_complex()) and bool(value.isnan().any()):
            raise _damaged(path, f"whose weights {name} are no numbers")


def _parsed_config(text: str, path: Path) -> dict[str, Any]:
    try:
        config = plain_json(text)
    except ValueError:
        config = None
    if not isinstance(config, dict):
        raise _damaged(path, "without a whole config")
    return config


def _damaged(path: Path, what: str) -> UserError:
    return UserError(f"this checkpoint is damaged, got {path} {what}")


def config_of(stored: dict[str, Any], path: Path) -> dict[str, Any]:
    """The resolved configuration of the run that wrote a checkpoint, in today's names.

    Raises:
        UserError: a group that every run has isn't there.
    """
    config = _parsed_config(stored[KEY]["config"], path)
    for group in GROUPS:
        node = config.get(group)
        if not isinstance(node, dict) or not isinstance(node.get("_target_"), str):
            raise _damaged(path, f"whose config has no {group}")
    return identity.config_of_today(config)


def run_of(path: Path) -> str:
    """Which run wrote a checkpoint, wherever that lies now: `run HASH`. Raises UserError as `load` does."""
    stored = load(path)
    return f"run {identity.run_hash(config_of(stored, path), results=stored[KEY].get('results', 1))}"
