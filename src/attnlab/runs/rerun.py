"""The first updates of a run once more, by the configuration that it has on record, to see whether they come again."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint, EarlyStopping
from lightning.pytorch.utilities.types import LRSchedulerConfig
from torch.optim.lr_scheduler import ReduceLROnPlateau

from attnlab.callbacks import FirstLosses, MetricsCSV, TrainingScores
from attnlab.callbacks.first_losses import NAME as FIRST_LOSSES
from attnlab.callbacks.first_losses import Losses, read_losses
from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.reading.shown import warnings_said_before
from attnlab.runs import build, run_folder
from attnlab.runs.beginning import begun, check_together, make_ready, trainer_of
from attnlab.runs.environment import environment
from attnlab.runs.interruption import interrupts_are_raised
from attnlab.runs.parts import build_parts
from attnlab.tasks.training.scores import batches_per_update


@dataclass(frozen=True)
class Rerun:
    """What the first updates gave.

    Attributes:
        losses: of each update.
        scores: what was reported of training, by its updates, at the intervals of the run's own log.
        updates: how many there were: fewer than asked for where validation has a say in training, as in a schedule
            that waits for it, which this one is without.
        checksum: of the data.
        environment: in what they were computed: torch, precision ...
        device: the kind of it.
    """

    losses: Losses
    scores: Losses
    updates: int
    checksum: str
    environment: dict[str, str]
    device: Any


class _StopAfter(Checkpoint):
    """Ends training after so many updates; a `Checkpoint`, so that Lightning adds none that writes."""

    def __init__(self, updates: int) -> None:
        self.updates = updates

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if any(_waits_for_validation(each) for each in trainer.lr_scheduler_configs):
            self.updates = min(self.updates, int(trainer.val_check_interval) // batches_per_update(trainer))

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *_: Any) -> None:
        if trainer.global_step >= self.updates:
            trainer.should_stop = True


def _waits_for_validation(config: LRSchedulerConfig) -> bool:
    return isinstance(config.scheduler, ReduceLROnPlateau)


def rerun(config: build.Config, *, updates: int) -> Rerun:
    """Train so many updates in a folder that is gone afterwards, without validation, test, checkpoints and loggers.

    Everything else is as the run has it on record, its schedule for all its updates too. What is to be said of its data
    isn't said again.

    Raises:
        UserError: the run is of several processes, or went on from another, or its data is no more.
    """
    with tempfile.TemporaryDirectory(prefix="attnlab-rerun-") as folder:
        return _rerun(_in(Path(folder), config), Path(folder), updates)


def _in(folder: Path, config: build.Config) -> build.Config:
    """The configuration of the same training elsewhere, of whose callbacks those are left that have a part in it."""
    if config["continue_from"] is not None:
        raise UserError(
            f"a run that went on from another doesn't begin anew, got continue_from={config['continue_from']} (name "
            "another run)"
        )
    copy: build.Config = json.loads(json.dumps(identity.without_nulls(config)))
    callbacks = {
        name: node for name, node in copy["callbacks"].items() if node.get("_target_") not in run_folder.RECORDERS
    }
    trainer = copy["trainer"] | {"enable_progress_bar": False, "limit_val_batches": 0}
    return copy | {"output_dir": str(folder), "logger": {}, "callbacks": callbacks, "trainer": trainer}


def _rerun(config: build.Config, folder: Path, updates: int) -> Rerun:
    with warnings_said_before():
        settings, data, task = begun(config)
    if settings.world_size > 1:
        raise UserError(
            f"a run of several processes isn't run again here, got {settings.world_size} of trainer.devices and "
            "trainer.num_nodes (give its own command, with another output_root)"
        )
    make_ready(task, config, settings, begins=True)
    csv, stop = MetricsCSV(folder), _StopAfter(updates)
    # What stops early goes by validations.
    own = [each for each in build_parts(config, "callbacks", task).values() if not isinstance(each, EarlyStopping)]
    callbacks: list[Callback] = [FirstLosses(folder), TrainingScores(), *own, stop]
    with interrupts_are_raised():
        trainer = trainer_of(settings, task, data, directory=folder, callbacks=callbacks, loggers=[csv])
        check_together(trainer, task, data)
        trainer.fit(task, data)
    losses = read_losses(folder / FIRST_LOSSES)
    return Rerun(
        losses={step: each for step, each in losses.items() if step <= stop.updates},
        scores={step: each for step, each in csv.rows() if step <= stop.updates},
        updates=trainer.global_step,
        checksum=data.checksum,
        environment=environment(trainer),
        device=trainer.strategy.root_device,
    )
