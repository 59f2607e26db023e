"""What kinds of loggers there are, by what they take besides metrics."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from lightning.pytorch import Trainer


@runtime_checkable
class ImageLogger(Protocol):
    """Takes pictures that lie in files."""

    def log_image(self, key: str, path: Path, step: int) -> None: ...


@runtime_checkable
class TableLogger(Protocol):
    """Takes tables."""

    def log_table(self, key: str, columns: list[str], rows: list[list[Any]], step: int) -> None: ...


@runtime_checkable
class SummaryLogger(Protocol):
    """Takes what a whole run comes to."""

    def log_summary(self, values: Mapping[str, Any]) -> None: ...


def log_image(trainer: Trainer, key: str, path: Path) -> None:
    """Send a picture to every logger that takes such."""
    for logger in trainer.loggers:
        if isinstance(logger, ImageLogger):
            logger.log_image(key, path, step=trainer.global_step)
