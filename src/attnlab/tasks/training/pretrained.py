"""Images as weights need them that were trained on others."""

import logging
from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

log = logging.getLogger(__name__)


@runtime_checkable
class _Pretrained(Protocol):
    """A model that may start from weights which images must be normalised for."""

    statistics: tuple[list[float], list[float]] | None


class _Normalises(Protocol):
    """A codec of images."""

    mean: list[float]
    std: list[float]

    def normalise_by(self, mean: Sequence[float], std: Sequence[float]) -> None:
        """From here on, and in the state."""
        ...


def normalise_for(model: Any, codec: _Normalises | None) -> None:
    """Let the codec normalise images as the model's weights were trained, if it starts from a file of them."""
    if codec is None or not isinstance(model, _Pretrained) or model.statistics is None:
        return
    if (codec.mean, codec.std) != model.statistics:
        log.info("images are normalised as the weights were trained: mean %s, deviation %s", *model.statistics)
    codec.normalise_by(*model.statistics)
