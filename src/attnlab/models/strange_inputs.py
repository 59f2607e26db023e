"""Inputs of which a trained model knows next to nothing, such as texts in another language's letters."""

import logging
import re
from collections.abc import Sequence

from attnlab.models.special_tokens import SPECIAL_TOKENS, UNK

log = logging.getLogger(__name__)

STRANGE = 0.75  # of an input, from which on it isn't what the model was trained on: rare words have a few such pieces
BYTES = re.compile(r"(\\x[0-9a-f]{2})+")  # as tokens are shown that are no whole character


def num_strange(tokens: Sequence[str]) -> int:
    """How many of a text's tokens are unknown, or bytes that training never put together into a character."""
    return sum(token == SPECIAL_TOKENS[UNK] or BYTES.fullmatch(token) is not None for token in tokens)


def remark_on_strange(found: Sequence[tuple[int, int]], *, units: str) -> None:
    """Log it where inputs are strange; of each, how many of its `units` are, and of how many."""
    strange = [(few, many) for few, many in found if many and few >= STRANGE * many]
    if not strange:
        return
    whose = "the input" if len(found) == 1 else f"{len(strange)} of {len(found)} inputs"
    log.warning(
        "%d of %d %s of %s are unknown to this model or bare bytes: it was trained on other letters than these",
        *(sum(column) for column in zip(*strange, strict=True)),
        units,
        whose,
    )
