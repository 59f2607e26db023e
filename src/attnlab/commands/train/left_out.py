"""What of a command goes for nothing: one of two lengths, and the usual callbacks or loggers beside chosen ones."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from attnlab.config.conf_path import conf_dir
from attnlab.config.identity import OPTIONAL
from attnlab.language import either
from attnlab.reading.shown import tell

USUAL = "default"


LENGTHS = {name: re.compile(rf"\+{{0,2}}trainer\.{name}=(\d+)") for name in ("max_epochs", "max_steps")}


def tell_which_length_counts(overrides: Sequence[str]) -> None:
    """Say that a number of epochs takes the place of that of updates, where both are given."""
    given = {name: [each for each in overrides if form.fullmatch(each)] for name, form in LENGTHS.items()}
    if all(given.values()):
        epochs, updates = given["max_epochs"][-1], given["max_steps"][-1]
        tell(
            either(
                f"{epochs} counts, and {updates} doesn't (drop one)",
                f"以 {epochs} 为准，{updates} 不起作用（请去掉一个）",
            )
        )


def tell_what_is_left_out(config: Mapping[str, Any], overrides: Sequence[str]) -> None:
    """Say which of the usual parts aren't there, where none is and others are: they may have been meant to stay.

    Args:
        overrides: what chose the parts of `config`.
    """
    from omegaconf import OmegaConf

    for group in OPTIONAL:
        given = [found for each in overrides if (found := re.fullmatch(rf"{group}=(\w+|\[[\w, ]+\])", each))]
        chosen = config.get(group) or {}
        names = [str(name) for name in OmegaConf.load(conf_dir() / group / f"{USUAL}.yaml")]
        if not given or not chosen or any(name in chosen for name in names):
            continue
        row = given[-1][1].strip("[]").replace(" ", "")
        tell(
            either(
                f"{given[-1][0]} leaves out the usual {', '.join(names)} ({group}=[{USUAL},{row}] keeps them)",
                f"{given[-1][0]} 去掉了通常的 {'、'.join(names)}（{group}=[{USUAL},{row}] 会保留它们）",
            )
        )
