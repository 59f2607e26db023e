"""A checkpoint that lies in the folder of a run that didn't write it, as a copy does: it answers with its own model."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.runs import run_folder

log = logging.getLogger(__name__)

SHOWN = 3  # keys that a message names
# What may differ between a run's record and its checkpoints: how it is computed, watched and made longer, and where
# its data lies.
FREE_GROUPS = ("trainer", "callbacks")
FREE = ("continue_from", "init_from", "init_strict", "fresh", "data.root")
OF_LENGTH = "scheduler"  # which a longer run may have from its own number of updates


def warn_if_foreign(path: Path, config: Mapping[str, Any]) -> None:
    """Log it where a checkpoint's configuration isn't that of the folder that it lies in.

    Args:
        config: the checkpoint's, in today's names.
    """
    folder = path.absolute().parent.parent
    if path.parent.name != "checkpoints" or not (folder / "config.json").is_file():
        return  # a checkpoint by itself is whoever's it is
    with suppress(UserError, OSError):  # of a damaged record the checkpoint needs nothing
        if said := _differences(run_folder.config_of(folder), config):
            log.warning(
                "%s isn't this run's: %s (what comes of it is the other run's; put back this run's own, or train it "
                "anew with fresh=true)",
                path,
                said,
            )


def check_same_model(path: Path, config: Mapping[str, Any], recorded: Mapping[str, Any]) -> None:
    """That a run can go on from a checkpoint, whose configuration is `config`, by that which it has on `recorded`.

    Raises:
        UserError: they are of different models, as where `config.json` was edited.
    """
    known, own = (dict(run_folder.leaves({"model": each["model"]})) for each in (recorded, config))
    # One that only a later version has says nothing of an earlier one's checkpoint.
    other = sorted(key for key in known.keys() & own.keys() if known[key] != own[key])
    if other:
        said = ", ".join(f"{key}={own[key]} (config.json: {known[key]})" for key in other[:SHOWN])
        raise UserError(
            f"a run goes on with the model that it began with, got {path} of {said} (put config.json back; another "
            "model is another run, without resume)"
        )


def _differences(recorded: dict[str, Any], stored: Mapping[str, Any]) -> str:
    """The first keys in which they differ, with both values; "" where they don't."""
    free = (*FREE_GROUPS, *([OF_LENGTH] if recorded.get("continue_from") is not None else []))
    known, own = (dict(run_folder.leaves(identity.decisive(each))) for each in (recorded, stored))
    other = [
        key
        for key in sorted(known.keys() | own.keys())
        if known.get(key) != own.get(key) and key not in FREE and key.partition(".")[0] not in (*free, "results")
    ]
    named = sorted(other, key=lambda key: (key.count("."), key))[:SHOWN]
    shown = ", ".join(f"{key}={own.get(key, '-')} (config.json: {known.get(key, '-')})" for key in named)
    return shown + (f" and {len(other) - SHOWN} more" if len(other) > SHOWN else "")
