"""Self-contained checkpoints that run no code of a stranger's when they are loaded."""

import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import torch

from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.launch.ending import without_memory

KEY = "attnlab"
FORMAT = 1


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
        raise UserError(f"no checkpoint in this folder, got {path} (expected {path}/checkpoints/best.ckpt)")
    if not path.is_file():
        raise UserError(f"no such run folder or checkpoint, got {path}")
    return path


def load(path: Path) -> dict[str, Any]:
    """A checkpoint's tensors and plain values, on the CPU.

    Raises:
        UserError: the file is damaged, isn't a checkpoint of this project, or holds more than plain values.
    """
    damaged = UserError(
        f"this checkpoint is damaged or not a checkpoint, got {path} (give a run's folder, or a whole .ckpt of one)"
    )
    try:
        with zipfile.ZipFile(path) as archive:
            # torch writes checksums and doesn't read them.
            if archive.testzip() is not None:
                raise damaged
        stored = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise UserError(f"this checkpoint holds objects other than tensors and plain values: {path}") from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        if without_memory(error) is not None:
            raise
        raise damaged from error
    if not isinstance(stored, dict) or KEY not in stored:
        raise UserError(f"not a checkpoint written by attnlab, got {path}")
    _check_form(stored, path)
    if stored[KEY]["format"] != FORMAT:
        raise UserError(f"this checkpoint's format is {stored[KEY]['format']}, this version reads {FORMAT}: {path}")
    return stored


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
        ("state_dict", stored.get("state_dict"), dict),
    ]
    for name, value, kind in expected:
        if not isinstance(value, kind):
            raise UserError(f"this checkpoint is damaged, got {path} without its {name}")
    weights = stored["state_dict"].items()
    if wrong := [name for name, each in weights if not isinstance(each, torch.Tensor) or not isinstance(name, str)]:
        raise UserError(f"this checkpoint is damaged, got {path} whose weights {wrong[0]} are none")
    try:
        config = json.loads(ours["config"])
        whole = isinstance(config, dict)
    except (ValueError, RecursionError):
        whole = False
    if not whole:
        raise UserError(f"this checkpoint is damaged, got {path} without a whole config")


def config_of(stored: dict[str, Any]) -> dict[str, Any]:
    """The resolved configuration of the run that wrote a checkpoint, in today's names."""
    config = json.loads(stored[KEY]["config"])
    assert isinstance(config, dict)
    return identity.config_of_today(config)
