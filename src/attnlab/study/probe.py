"""A few updates of an arm, timed on this machine."""

import time
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer, seed_everything

from attnlab.errors import UserError
from attnlab.reading.shown import warnings_said_before
from attnlab.runs import build
from attnlab.runs.instantiation import call
from attnlab.runs.trainer import build_trainer

WARM, TIMED = 3, 10  # updates before the clock starts, and those that it measures


class _Clock(Callback):
    """Notes when updates end, and stops after the last that counts."""

    def __init__(self) -> None:
        self.ends: list[float] = []

    def on_train_batch_end(self, trainer: Trainer, module: LightningModule, *_: Any) -> None:
        if trainer.global_step > len(self.ends):
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            self.ends.append(time.perf_counter())
        if len(self.ends) > WARM + TIMED:
            trainer.should_stop = True


def seconds_an_update(config: build.Config) -> float:
    """Of training alone, in one process, the data in its own order; nothing is written, nor said of the data again.

    Raises:
        UserError: the run is so short that nothing can be timed, or can't be trained.
    """
    seed_everything(config["seed"], verbose=False)
    changed = config | {"trainer": config["trainer"] | {"enable_progress_bar": False, "limit_val_batches": 0}}
    settings = build.build_settings(changed)
    if settings.max_steps < WARM + TIMED + 1:
        raise UserError(
            f"a probe needs runs of {WARM + TIMED + 1} updates or more, got {settings.max_steps} (drop --probe)"
        )
    data = build.build_data(changed)
    with warnings_said_before():
        data.prepare_data()
    data.setup("fit")
    task = build.build_task(changed, data.sizes, data.codec)
    if settings.precision == "64-true":
        task.double()
    clock = _Clock()
    given = {"directory": None, "callbacks": [clock], "loggers": []}
    batches = task.batches_per_update or settings.accumulate_grad_batches
    trainer: Trainer = call(build_trainer, "trainer", settings=settings, batches_per_update=batches, **given)
    trainer.fit(task, data)
    return (clock.ends[-1] - clock.ends[WARM]) / (len(clock.ends) - 1 - WARM)
