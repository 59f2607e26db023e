"""Whether the classes that an extractor knows are those of the images it compares."""

import logging
from collections.abc import Sequence
from typing import Any

from lightning.pytorch.utilities import rank_zero_only

from attnlab.errors import UserError

log = logging.getLogger(__name__)


def check_classes(extractor: Any, classes: Sequence[str], *, monitor: str) -> None:
    """Log that the extractor was trained on other classes than the data's.

    Raises:
        UserError: `monitor` is measured only where they are the same.
    """
    known = extractor.classes
    if known is not None and list(known) == list(classes):
        return
    if monitor == "val/class_accuracy":
        raise UserError(
            f"class_accuracy isn't measured where the extractor doesn't know the data's classes, got monitor {monitor} "
            f"and extractor {extractor.name} (set task.monitor, or extractor)"
        )
    if known is not None:
        rank_zero_only(log.warning)(
            "the extractor %s was trained on other classes (%s, ...) than this data's (%s, ...): its scores may miss "
            "what matters here, and class_accuracy isn't measured (set extractor)",
            extractor.name,
            known[0],
            classes[0],
        )
