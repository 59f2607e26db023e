"""`last.ckpt`, from which a run goes on to the same bits, and `best.ckpt`."""

import logging
import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint
from lightning.pytorch.utilities import rank_zero_only

from attnlab.errors import UserError
from attnlab.launch.stop import StopFlag, Wish
from attnlab.processes import gathered, own
from attnlab.runs.checkpoint import KEY
from attnlab.runs.checkpoint_folder import BEST, CheckpointFolder
from attnlab.runs.divergence import check_finite, last_good
from attnlab.runs.environment import environment
from attnlab.runs.interruption import leave_off
from attnlab.runs.longer import Origin, forget_length, set_rate
from attnlab.runs.random_state import random_state, set_random_state
from attnlab.runs.resumable import CALLBACK, COUNTS, counts
from attnlab.tasks.task import data_of, task_of
from attnlab.tasks.training.scores import batches_per_update

log = logging.getLogger(__name__)


class Checkpoints(Checkpoint):
    """Writes `last.ckpt` every `interval` updates and after each validation, and `best.ckpt` when `monitor` improves
    or is as good as at its best.

    Besides what Lightning stores it keeps the position in the data, the random state of every process and the best
    score, all as plain values, so that `torch.load(weights_only=True)` reads it. It is a `Checkpoint` so that it runs
    after all other callbacks.

    When a number that is none ends a run, which has no `metrics.json` then, the log says which checkpoint was the last.

    Args:
        keep: how many of the last are kept.
        contents: what `attnlab.runs.checkpoint.contents` adds to each.
        stop: raised by signals. All processes agree on it at a batch's end, write, and leave.

    Attributes:
        origin: where a run began that goes on from another.
        warnings: that nothing chose the best checkpoint, for the record: `kind` and `message`.

    Raises:
        FloatingPointError: instead of writing weights that aren't numbers.
    """

    files: ClassVar[dict[str, str]] = {f"checkpoints/{BEST}": "best checkpoint"}

    def __init__(
        self,
        directory: Path,
        *,
        interval: int,
        keep: int,
        monitor: str,
        mode: Literal["min", "max"],
        contents: Mapping[str, Any],
        stop: StopFlag,
    ) -> None:
        if mode not in ("min", "max"):
            raise ValueError(f"mode is min or max, got {mode!r} (set task.mode)")
        self.folder = CheckpointFolder(Path(directory), keep=keep)
        self.interval, self.monitor, self.mode = interval, monitor, mode
        self.contents, self.stop = dict(contents), stop
        self.best_score: float | None = None
        self.best_step = 0
        self.elapsed = 0.0  # seconds of earlier processes of this run
        self._started = time.monotonic()
        self._random_states: list[dict[str, Any]] | None = None
        self._written_at = -1
        self._common_batches = 0  # of an evaluation, those that every process has
        self._device = torch.device("cpu")
        self.origin: Origin | None = None
        self._begins = False  # now, from another run's checkpoint
        self.ended = False  # training, before its last update: by a callback
        self.warnings: list[dict[str, Any]] = []

    def go_on_from(self, origin: Origin) -> None:
        """The checkpoint about to be loaded is another run's, which this one makes longer."""
        self.origin, self._begins = origin, True

    @property
    def state_key(self) -> str:
        return CALLBACK

    def state_dict(self) -> dict[str, Any]:
        return {
            "best_score": self.best_score,
            "best_step": self.best_step,
            "elapsed": self.wall_seconds,
            "batches": self._batches,
            "ended": self.ended,
            "random_states": gathered(random_state(self._device)),
            **({} if self.origin is None else {"continued_from": self.origin._asdict()}),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.best_score, self.best_step = state_dict["best_score"], state_dict["best_step"]
        self.elapsed, self._started = state_dict["elapsed"], time.monotonic()
        self._random_states = state_dict["random_states"]
        self.ended = state_dict.get("ended", False) and not self._begins
        if not self._begins:
            recorded = state_dict.get("continued_from")
            self.origin = None if recorded is None else Origin(**recorded)
        elif not self.folder.best.is_file():  # scored otherwise, or gone
            self.best_score, self.best_step = None, 0

    @property
    def wall_seconds(self) -> float:
        """Seconds since this run first began, without the time it lay interrupted."""
        return self.elapsed + time.monotonic() - self._started

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        self._batches = 0
        self._device = trainer.strategy.root_device

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if self.ended:  # what stopped it then may not ask again
            trainer.should_stop = True
        self.warnings = []
        interval = round(float(trainer.val_check_interval or 1) / batches_per_update(trainer))
        if trainer.is_global_zero and (trainer.max_steps < interval or trainer.limit_val_batches == 0):
            self._warn(
                f"nothing is validated in {trainer.max_steps} updates, of which the last is tested, not the best "
                f"(set trainer.val_check_interval={trainer.max_steps} or less, and trainer.limit_val_batches=null)"
            )

    def on_save_checkpoint(self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]) -> None:
        checkpoint[KEY] = self.contents
        checkpoint["environment"] = environment(trainer)
        checkpoint[COUNTS] = counts(trainer)
        checkpoint["started_from"] = task_of(pl_module).started_from

    def on_load_checkpoint(self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]) -> None:
        state = checkpoint["callbacks"][self.state_key]
        if trainer.state.fn == "fit":
            data_of(trainer).start_batch = state["batches"]
            task_of(pl_module).started_from = checkpoint.get("started_from", {})
            self._written_at = checkpoint["global_step"]
            if self._begins:
                forget_length(checkpoint["lr_schedulers"])
                checkpoint["callbacks"].pop("Timer", None)  # trainer.max_time is of this run
                if state.get("ended", False):
                    log.warning(
                        "the run that this one goes on from was ended by a callback before its last update; what that "
                        "callback had counted still counts, and may end this one as soon"
                    )
            then, now = checkpoint["environment"], environment(trainer)
            changed = [f"{key} {then.get(key)} -> {now[key]}" for key in now if then.get(key) != now[key]]
            if changed:
                log.warning("not to the same bits as without the interruption: %s", ", ".join(changed))

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        # Only now: making the loader's iterator has drawn from the generators.
        if self._random_states is not None:
            set_random_state(own(self._random_states), self._device)
        if self._begins:
            rates = [set_rate(each.scheduler.optimizer, each.scheduler) for each in trainer.lr_scheduler_configs]
            log.info("going on at a learning rate of %s", " and ".join(f"{rate:.3g}" for rate in rates))
            self._begins = False

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        step = trainer.global_step
        if (batch_idx + 1) % batches_per_update(trainer):
            return  # gradients in the making aren't stored
        assert trainer.val_check_batch is not None  # our trainers count by batches
        if (batch_idx + 1) % trainer.val_check_batch == 0:
            return  # validation comes next, and its checkpoint knows of it
        wish = self._agreed(trainer)
        if wish or step % self.interval == 0:
            self._write(trainer)
        self._leave(trainer, wish, step)

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._count_common(trainer, sum(trainer.num_val_batches))

    def on_validation_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        if trainer.state.fn == "fit" and batch_idx < self._common_batches:
            # What was trained since the last checkpoint is trained again.
            self._leave(trainer, self._agreed(trainer), max(self._written_at, 0))

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.state.fn != "fit":
            return
        improved = self._improves(self._score(trainer))
        if improved:
            self.best_score, self.best_step = self._score(trainer), trainer.global_step
        self._write(trainer, also_best=improved)
        self._leave(trainer, self._agreed(trainer), trainer.global_step)

    def on_test_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if self.best_score is None and not self.warnings:
            self._warn(f"no validation gave a number for {self.monitor}: the last update is tested, not the best")
        self._count_common(trainer, sum(trainer.num_test_batches))

    def on_test_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        self.folder.best.stat()  # what is written after the test would make a folder anew that is gone
        if batch_idx < self._common_batches:
            self._leave(trainer, self._agreed(trainer), trainer.global_step)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        unsaid = trainer.should_stop and not self.ended
        if self._written_at != trainer.global_step or unsaid:
            self._write(trainer)

    @rank_zero_only
    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        if isinstance(exception, FloatingPointError):
            log.error("training diverged: %s; %s", exception, last_good(self.folder))

    def _warn(self, message: str) -> None:
        log.warning(message)
        self.warnings.append({"kind": "no_best", "message": message})

    def _score(self, trainer: Trainer) -> float:
        if self.monitor not in trainer.callback_metrics:
            known = ", ".join(sorted(name for name in trainer.callback_metrics if name.startswith("val/")))
            raise UserError(
                f"nothing named {self.monitor!r} is measured in validation, only {known} (set task.monitor)"
            )
        return float(trainer.callback_metrics[self.monitor])

    def _improves(self, score: float) -> bool:
        if self.best_score is None:
            return not math.isnan(score)
        # Of equals the later: it has learnt for longer, as before a first thing is found.
        return score <= self.best_score if self.mode == "min" else score >= self.best_score

    def _count_common(self, trainer: Trainer, batches: int | float) -> None:
        """Processes may have a batch more or fewer to evaluate, and can only agree as often as all of them ask."""
        mine = torch.tensor(int(batches), device=self._device)
        self._common_batches = int(trainer.strategy.reduce(mine, reduce_op="min"))

    def _agreed(self, trainer: Trainer) -> Wish:
        """The highest wish of any process."""
        mine = torch.tensor(int(self.stop.wish), device=self._device)
        return Wish(int(trainer.strategy.reduce(mine, reduce_op="max")))

    def _leave(self, trainer: Trainer, wish: Wish, step: int) -> None:
        if wish:
            leave_off(trainer, self.stop, wish, step)

    def _write(self, trainer: Trainer, *, also_best: bool = False) -> None:
        check_finite(trainer)
        self._batches = trainer.fit_loop.epoch_loop.batch_progress.total.ready
        self.ended = trainer.should_stop and trainer.global_step >= (trainer.min_steps or 0)
        self._written_at = trainer.global_step
        with self.folder.none_left():
            trainer.save_checkpoint(self.folder.new, weights_only=False)
        if trainer.is_global_zero:
            self.folder.take_in(also_best=also_best or self.best_score is None)
        trainer.strategy.barrier("checkpoint")
