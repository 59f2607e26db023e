"""What is wrong with a mechanism of the user's own, on the screen and with a run's results, before it is trained."""

import logging
from collections.abc import Iterable
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_only

log = logging.getLogger(__name__)


class MechanismSigns(Callback):
    """`warnings` of what was found, `kind` and `message` each. It isn't configured: it computes nothing.

    Args:
        found: what checks of the mechanisms came to.
    """

    def __init__(self, found: Iterable[dict[str, Any]]) -> None:
        self.warnings = list(found)

    @rank_zero_only
    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        for each in self.warnings:
            log.warning("%s", each["message"])
