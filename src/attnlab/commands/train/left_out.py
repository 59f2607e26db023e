"""What a run is without where callbacks or loggers are chosen in the place of the usual ones, not beside them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from attnlab.config.conf_path import conf_dir
from attnlab.config.identity import OPTIONAL
from attnlab.language import either
from attnlab.reading.shown import tell

USUAL = "default"


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
