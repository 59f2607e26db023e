"""`last.ckpt`, from which a run goes on to the same bits, and `best.ckpt`."""

import logging
import math
import os
import platform
import random
import shutil
import signal
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any, Literal

import numpy as np
import torch
import torch.distributed
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint

from attnlab.checkpoint import KEY, load
from attnlab.errors import UserError

log = logging.getLogger(__name__)

LAST, PREVIOUS, BEST = "last.ckpt", "previous.ckpt", "best.ckpt"


class TrainingInterrupted(BaseException):
    """Training stopped at the user's or the cluster's wish; `last.ckpt` is written.

    Not an `Exception`, which a sweep would record as a failed job before it began the next.
    """

    def __init__(self, step: int) -> None:
        super().__init__(f"interrupted after update {step}")
        self.step = step


class StopSignal:
    """Turns the first Ctrl-C or SIGTERM into a flag, so that training stops between two batches; the second aborts."""

    def __init__(self) -> None:
        self.received = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "StopSignal":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._receive)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self.received:
            raise KeyboardInterrupt
        self.received = True


class Checkpoints(Checkpoint):
    """Writes `last.ckpt` every `interval` updates and after each validation, and `best.ckpt` when `monitor` improves.

    Besides what Lightning stores it keeps the position in the data, the random state of every process and the best
    score, all as plain values, so that `torch.load(weights_only=True)` reads it. Files are replaced whole: a kill at
    any moment leaves the old or the new one. Being a `Checkpoint`, it runs after all other callbacks.
    """

    def __init__(
        self,
        directory: Path,
        *,
        interval: int,
        monitor: str,
        mode: Literal["min", "max"],
        contents: Mapping[str, Any],
    ) -> None:
        if mode not in ("min", "max"):
            raise ValueError(f"mode is min or max, got {mode!r} (set task.mode)")
        self.directory, self.interval, self.monitor, self.mode = Path(directory), interval, monitor, mode
        self.contents = dict(contents)
        self.best_score: float | None = None
        self.best_step = 0
        self.elapsed = 0.0  # seconds of earlier processes of this run
        self.stop = StopSignal()
        self._started = time.monotonic()
        self._random_states: list[dict[str, Any]] | None = None
        self._written_at = -1

    @property
    def state_key(self) -> str:
        return "attnlab.Checkpoints"

    def state_dict(self) -> dict[str, Any]:
        return {
            "best_score": self.best_score,
            "best_step": self.best_step,
            "elapsed": self.wall_seconds,
            "batches": self._batches,
            "random_states": _gather(_random_state()),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.best_score, self.best_step = state_dict["best_score"], state_dict["best_step"]
        self.elapsed, self._started = state_dict["elapsed"], time.monotonic()
        self._random_states = state_dict["random_states"]

    def newest(self) -> tuple[Path | None, int]:
        """The checkpoint to go on from and its update, or None; a damaged last one gives way to the one before.

        Raises:
            UserError: there are only damaged ones.
        """
        last, previous = self.directory / LAST, self.directory / PREVIOUS
        if last.exists():
            try:
                return last, int(load(last)["global_step"])
            except UserError as error:
                if not previous.exists():
                    raise
                log.warning("%s; trying the one before", error)
        return (previous, int(load(previous)["global_step"])) if previous.exists() else (None, 0)

    @property
    def wall_seconds(self) -> float:
        """Seconds since this run first began, without the time it lay interrupted."""
        return self.elapsed + time.monotonic() - self._started

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        self._batches = 0

    def on_save_checkpoint(self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]) -> None:
        checkpoint[KEY] = self.contents
        checkpoint["environment"] = _environment(trainer)

    def on_load_checkpoint(self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]) -> None:
        state = checkpoint["callbacks"][self.state_key]
        if trainer.state.fn == "fit":
            trainer.datamodule.start_batch = state["batches"]  # type: ignore[attr-defined]  # ours
            then, now = checkpoint["environment"], _environment(trainer)
            changed = [f"{key} {then[key]} -> {now[key]}" for key in now if then.get(key) != now[key]]
            if changed:
                log.warning("not to the same bits as without the interruption: %s", ", ".join(changed))

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        # Only now: making the loader's iterator has drawn from the generators.
        if self._random_states is not None:
            mine = self._random_states[trainer.global_rank % len(self._random_states)]
            _set_random_state(mine)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        step = trainer.global_step
        if (batch_idx + 1) % trainer.accumulate_grad_batches:
            return  # gradients in the making aren't stored
        if (batch_idx + 1) % trainer.val_check_batch == 0:  # type: ignore[operator]  # never None
            return  # validation comes next, and its checkpoint knows of it
        stop = self._agreed_to_stop(trainer)
        if stop or step % self.interval == 0:
            self._write(trainer)
        if stop:
            raise TrainingInterrupted(step)

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.state.fn != "fit":
            return
        improved = self._improves(self._score(trainer))
        if improved:
            self.best_score, self.best_step = self._score(trainer), trainer.global_step
        self._write(trainer, also_best=improved)
        if self._agreed_to_stop(trainer):
            raise TrainingInterrupted(trainer.global_step)

    def on_test_batch_end(self, trainer: Trainer, *_: Any) -> None:
        if self._agreed_to_stop(trainer):
            raise TrainingInterrupted(trainer.global_step)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if self._written_at != trainer.global_step:
            self._write(trainer)

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
        return score < self.best_score if self.mode == "min" else score > self.best_score

    def _agreed_to_stop(self, trainer: Trainer) -> bool:
        return bool(trainer.strategy.reduce_boolean_decision(self.stop.received, all=False))

    def _write(self, trainer: Trainer, *, also_best: bool = False) -> None:
        self._batches = trainer.fit_loop.epoch_loop.batch_progress.total.ready
        self._written_at = trainer.global_step
        new, last, best = (self.directory / name for name in (f"{LAST}.new", LAST, BEST))
        trainer.save_checkpoint(new, weights_only=False)
        if trainer.is_global_zero:
            # The best first: a kill in between repeats this validation and writes the same best again.
            if also_best or self.best_score is None:
                copy = self.directory / f"{BEST}.new"
                shutil.copyfile(new, copy)
                os.replace(copy, best)
            if last.exists():
                os.replace(last, self.directory / PREVIOUS)
            os.replace(new, last)
        trainer.strategy.barrier("checkpoint")


def _environment(trainer: Trainer) -> dict[str, str]:
    """What bit-identical results depend on besides the configuration."""
    return {
        "torch": str(torch.__version__),
        "threads": str(torch.get_num_threads()),
        "precision": str(trainer.precision),
        "processes": str(trainer.world_size),
        "machine": f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}",
    }


def _random_state() -> dict[str, Any]:
    version, internal, gauss = random.getstate()
    kind, keys, position, has_gauss, cached = np.random.get_state()  # libraries draw from it
    return {
        "python": [version, list(internal), gauss],
        "numpy": [kind, np.asarray(keys).tolist(), int(position), int(has_gauss), float(cached)],
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def _set_random_state(state: dict[str, Any]) -> None:
    version, internal, gauss = state["python"]
    random.setstate((version, tuple(internal), gauss))
    kind, keys, position, has_gauss, cached = state["numpy"]
    np.random.set_state((kind, np.asarray(keys, dtype=np.uint32), position, has_gauss, cached))
    torch.set_rng_state(state["torch"].cpu())
    if state["cuda"] and len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all([each.cpu() for each in state["cuda"]])


def _gather(value: dict[str, Any]) -> list[dict[str, Any]]:
    if not (torch.distributed.is_available() and torch.distributed.is_initialized()):
        return [value]
    gathered: list[Any] = [None] * torch.distributed.get_world_size()
    torch.distributed.all_gather_object(gathered, value)
    return gathered
