"""Self-contained checkpoints that run no code of a stranger's when they are loaded."""

import importlib
import inspect
import json
import pickle
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.tasks import PREDICTORS

KEY = "attnlab"
FORMAT = 1

# What a checkpoint's config may name, besides the public classes of this package's own layers.
LIBRARY_TARGETS = ("torch.optim.AdamW", "torch.optim.Adam", "torch.optim.SGD")
OWN_PACKAGES = (
    "attnlab.attention",
    "attnlab.feature_attention",
    "attnlab.models",
    "attnlab.tasks",
    "attnlab.tasks.training.schedules",
    "attnlab.data",
    "attnlab.data.text.tokenizers",
    "attnlab.metrics",
    "attnlab.runs.trained_classifier",
)


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
    path = Path(path)
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
    damaged = UserError(f"this checkpoint is damaged or not a checkpoint, got {path}")
    try:
        with zipfile.ZipFile(path) as archive:
            # torch writes checksums and doesn't read them.
            if archive.testzip() is not None:
                raise damaged
        stored = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise UserError(f"this checkpoint holds objects other than tensors and plain values: {path}") from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise damaged from error
    if not isinstance(stored, dict) or KEY not in stored:
        raise UserError(f"not a checkpoint written by attnlab, got {path}")
    if stored[KEY]["format"] != FORMAT:
        raise UserError(f"this checkpoint's format is {stored[KEY]['format']}, this version reads {FORMAT}: {path}")
    return stored


def config_of(stored: dict[str, Any]) -> dict[str, Any]:
    """The resolved configuration of the run that wrote a checkpoint, in today's names."""
    config = json.loads(stored[KEY]["config"])
    assert isinstance(config, dict)
    return identity.config_of_today(config)


def check_targets(config: Any, *, trust: Sequence[str] = ()) -> None:
    """Refuse a config that would run anything outside the allow-list, before a line of it is instantiated.

    A name is allowed if it resolves to a public object of this project's layers or of the listed library classes;
    the resolved objects are compared, so `attnlab.x.os.system` or a look-alike package gets nowhere. Packages named
    in `trust` are the user's own and may be imported.

    Raises:
        UserError: naming the target.
    """
    for key, text in _strings(config):
        if "${" in text:
            raise UserError(f"the checkpoint's config holds an interpolation, got {text!r} (at {key})")
        if key.endswith("_target_") and not _is_allowed(text, trust):
            raise UserError(
                f"the checkpoint would run {text!r}, which is not part of attnlab (if it is yours: "
                f"--trust {text.split('.')[0]})"
            )


def _is_allowed(target: str, trust: Sequence[str]) -> bool:
    if target.split(".")[0] in trust:
        return True
    return any(target == allowed for allowed in LIBRARY_TARGETS) or _is_own(target)


def _is_own(target: str) -> bool:
    """A public class defined within one of the listed packages, or a schedule; not what they merely import."""
    package, _, name = target.rpartition(".")
    if package not in OWN_PACKAGES or name.startswith("_"):
        return False
    if package == "attnlab.tasks" and name in PREDICTORS:
        return True  # without importing it, and Lightning
    found = getattr(importlib.import_module(package), name, None)  # some packages give a name only when asked
    if inspect.isclass(found):
        return found.__module__ == package or found.__module__.startswith(f"{package}.")
    return inspect.isfunction(found) and found.__module__ == package == "attnlab.tasks.training.schedules"


def _strings(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield path, str(key)
            yield from _strings(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _strings(value, f"{path}[{number}]")
    elif isinstance(node, str):
        yield path, node
