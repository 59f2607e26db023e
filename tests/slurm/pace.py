"""A callback that slows training down, so that a signal falls in mid-epoch, or kills its process."""

import os
import signal
import time
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer


class Pace(Callback):
    """Waits $PACE seconds after each batch; with `die` the second batch is the last."""

    def __init__(self, *, die: bool) -> None:
        self.die = die

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *_: Any) -> None:
        time.sleep(float(os.environ.get("PACE", "0")))
        if self.die and trainer.global_step == 2:
            os.kill(os.getpid(), signal.SIGKILL)
