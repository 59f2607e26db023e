"""What Lightning and its parts refuse once a run has begun, as one line that names the key."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from traceback import walk_tb
from types import FrameType
from typing import Any

from lightning.fabric.utilities.exceptions import MisconfigurationException

from attnlab.errors import UserError
from attnlab.runs.trainer import TrainerSettings


@contextmanager
def refusals_named(parts: Mapping[str, Any]) -> Iterator[None]:
    """Around what Lightning does with a run; `parts` are its loggers and callbacks, by their keys.

    A refusal is what Lightning says of how it is used, or what one of its own callbacks or loggers raises itself, or a
    library that a part lacks. Anything else, as a bug in a callback of the user's own, keeps its traceback.

    Raises:
        UserError: in the place of a refusal.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        frames = [frame for frame, _ in walk_tb(error.__traceback__)]
        key = next((found for frame in reversed(frames) if (found := _owner(frame, parts)) is not None), None)
        ours = isinstance(error, ImportError) or _is_lightnings(frames[-1])
        if not isinstance(error, MisconfigurationException) and not (key is not None and ours):
            raise
        message = " ".join(str(error).split())
        remedy = _of_trainer(message) if key is None else f"set {key}.*, or {key}=null"
        raise UserError(f"{message} ({remedy})") from error


def _owner(frame: FrameType, parts: Mapping[str, Any]) -> str | None:
    """The key of the part whose method this is."""
    method_of = frame.f_locals.get("self")
    return next((key for key, part in parts.items() if part is method_of), None)


def _is_lightnings(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] == "lightning"


def _of_trainer(message: str) -> str:
    """The key of the trainer's that a message speaks of."""
    words = set(re.findall(r"\w+", message))
    named = [each.name for each in fields(TrainerSettings) if each.name in words and "_" in each.name]
    return f"set trainer.{named[0]}" if named else "set trainer.* or callbacks.*"
