"""KEY=VALUE, which `attnlab train` and `evaluate` take, given to `attnlab predict`."""

import re
from typing import Final

from attnlab.errors import UserError

_OVERRIDE: Final = re.compile(r"(?:[a-z_]*attention|model|data|task|trainer|tokenizer|seed)(?:\.\w+)*=\S*")
# Which of predict's own options says the same.
_OPTIONS: Final = {
    "data.corpus.encoding": "--encoding",
    "seed": "--seed",
    "task.beam_size": "--beam-size",
    "task.score_threshold": "--score-threshold",
}


def refuse_value(given: str, *, takes: str, itself: str = "") -> None:
    """Raise UserError for an input that is one of a run's values, where it isn't the text `itself`."""
    if not _OVERRIDE.fullmatch(given):
        return
    key, _, value = given.partition("=")
    instead = f"set {_OPTIONS[key]} {value}" if key in _OPTIONS else "drop it: attnlab evaluate takes KEY=VALUE"
    remedy = f"{instead}, or {itself}" if itself else instead
    raise UserError(f"predict takes {takes}, and a trained run has its values, got {given} ({remedy})")
