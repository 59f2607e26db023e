"""A callback that slows training down, so that a signal falls in mid-epoch, or kills its process."""

import os
import signal
import time
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer


class Pace(Callback):
    """Waits after each batch, as many seconds as stand in the file `pace`; with `die` the second batch is the last."""

    def __init__(self, *, die: bool) -> None:
        self.die = die

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *_: Any) -> None:
        time.sleep(float(Path("pace").read_text()))
        if self.die and trainer.global_step == 2:
            os.kill(os.getpid(), signal.SIGKILL)
