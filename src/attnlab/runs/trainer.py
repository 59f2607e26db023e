"""What `trainer` says of a run, and the Lightning Trainer made of it, which counts optimizer updates."""

import io
import logging
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast, get_args

import torch
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.callbacks import ProgressBar
from lightning.pytorch.loggers import Logger
from lightning.pytorch.plugins.io import TorchCheckpointIO

from attnlab.config.trainer_words import Accelerator, Fp32Precision, Precision, Resolved, StrategyName
from attnlab.data.module import DataModule
from attnlab.errors import UserError, at_least, between
from attnlab.files import naming
from attnlab.launch.resources import check_processes, no_gpu
from attnlab.runs import checkpoint
from attnlab.runs.clip_by_value import ClipByValue
from attnlab.runs.lightning_arguments import check_lightning_arguments
from attnlab.runs.precision import check_precision, is_cpu, resolve_precision
from attnlab.runs.progress_bar import UpdatesBar, somebody_looks_on
from attnlab.runs.strategy import environment, sharding_callbacks, strategy_of

THREADS = torch.get_num_threads()
ALL = ("auto", -1)
MOST_KEPT = 10_000  # checkpoints, each of which is looked for whenever one is written
MOST_THREADS = 4096  # torch makes them all at once, as processes are


@dataclass(frozen=True, kw_only=True)
class TrainerSettings:
    """On what a run trains, how long, and how often it validates and writes.

    Attributes:
        accelerator: "auto" takes a GPU where there is one.
        devices: processes (cpu) or devices, of each node; "auto" or -1: every GPU, or one process on the CPU.
        strategy: "auto" is ddp where there are several processes.
        precision: "auto" is bf16-mixed on GPUs that have it in hardware, else 32-true; 16-mixed is for GPUs only.
        max_steps: in optimizer updates, the unit of a fair comparison.
        max_epochs: passes over the training data, which take the place of `max_steps`.
        val_check_interval: updates between two validations.
        limit_val_batches, limit_test_batches: a number of batches, or a share from 0.0 to 1.0; None: the whole split.
        checkpoint_interval: updates between two writings of `last.ckpt`.
        keep_checkpoints: `last.ckpt` and those before it that are kept, should it be damaged; `best.ckpt` besides.
        log_every_n_steps: updates between two reports of training's scores.
        accumulate_grad_batches: batches of an update, for a task that doesn't step its optimizers itself.
        threads: of the CPU, for each process; None: all cores.
        fp32_precision: of products of float32 matrices; None: torch's default.
        compile: whether the networks are compiled.
        max_time: after which training ends, as DD:HH:MM:SS.
        clip_value: beyond which each gradient is cut off, before `task.clip_norm`.
        overfit_batches: train on so many batches alone, over and over; None: on all.
        detect_anomaly: say which operation made a gradient NaN, at a price in time.
        lightning: other arguments of Lightning's Trainer.

    Raises:
        ValueError: a number out of its range, or what this machine or its torch can't do.
    """

    accelerator: Accelerator
    devices: int | Literal["auto"]
    num_nodes: int
    strategy: StrategyName
    precision: Precision
    max_steps: int
    max_epochs: int | None
    val_check_interval: int
    limit_val_batches: int | float | None
    limit_test_batches: int | float | None
    checkpoint_interval: int
    keep_checkpoints: int
    log_every_n_steps: int
    accumulate_grad_batches: int
    threads: int | None
    fp32_precision: Fp32Precision | None
    compile: bool
    enable_progress_bar: bool
    max_time: str | None
    clip_value: float | None
    overfit_batches: int | None
    detect_anomaly: bool
    lightning: Mapping[str, Any]

    def __post_init__(self) -> None:
        at_least(
            1,
            "trainer",
            max_steps=self.max_steps,
            val_check_interval=self.val_check_interval,
            checkpoint_interval=self.checkpoint_interval,
            log_every_n_steps=self.log_every_n_steps,
        )
        between(1, MOST_KEPT, "trainer", keep_checkpoints=self.keep_checkpoints)
        between(1, 10_000, "trainer", accumulate_grad_batches=self.accumulate_grad_batches, num_nodes=self.num_nodes)
        for most, name in ((10_000, "max_epochs"), (MOST_THREADS, "threads"), (10**6, "overfit_batches")):
            if (value := getattr(self, name)) is not None:
                between(1, most, "trainer", **{name: value})
        if self.devices not in ALL:
            between(1, MOST_THREADS, "trainer", devices=int(self.devices))
        if self.max_time is not None and not re.fullmatch(r"(?!0+:00:00:00)\d+:\d\d:\d\d:\d\d", self.max_time):
            raise ValueError(
                f"max_time must be DD:HH:MM:SS and more than none, got {self.max_time!r} (set trainer.max_time)"
            )
        for name, limit in (
            ("limit_val_batches", self.limit_val_batches),
            ("limit_test_batches", self.limit_test_batches),
        ):
            if limit is not None and (limit < 0 or (isinstance(limit, float) and limit > 1)):
                raise ValueError(
                    f"{name} must be a number of batches or a share from 0.0 to 1.0, got {limit} (set trainer.{name})"
                )
        if self.clip_value is not None:
            ClipByValue(self.clip_value)
        if not isinstance(self.lightning, Mapping):
            raise ValueError(f"lightning must be a group of values, got {self.lightning!r} (set trainer.lightning)")
        check_lightning_arguments(self.lightning)
        # Setting it would change nothing in an older torch.
        if self.fp32_precision is not None and not hasattr(torch.backends, "fp32_precision"):
            raise ValueError(
                f"fp32_precision needs a later torch, got {torch.__version__} (set trainer.fp32_precision=null)"
            )
        check_precision(self.precision, self.accelerator)

    @property
    def world_size(self) -> int:
        """Processes of the run, on all its nodes."""
        return self.num_devices * self.num_nodes

    @property
    def num_devices(self) -> int:
        """Processes or devices of each node: of `auto`, every GPU, or one process on the CPU."""
        if self.devices not in ALL:
            return int(self.devices)
        return 1 if is_cpu(self.accelerator) or not torch.cuda.is_available() else torch.cuda.device_count()

    @property
    def sharded(self) -> bool:
        """Whether each process holds only its share of the weights."""
        return self.strategy == "fsdp"

    def num_updates(self, data: DataModule, *, batches_per_update: int) -> int:
        """How many optimizer updates the run takes; `max_epochs` counts passes over this data."""
        if self.max_epochs is None:
            return self.max_steps
        batches = sum(data.num_train_batches(epoch, self.world_size) for epoch in range(self.max_epochs))
        return max(1, batches // batches_per_update)

    def going_on(self, before: Mapping[str, str]) -> "TrainerSettings":
        """Those of a run that goes on: what is free here, precision and number of processes, stays as it was `before`.

        Raises:
            UserError: there are fewer devices than then.
        """
        kept, precision, processes = self, before.get("precision"), before.get("processes", "")
        if self.precision == "auto" and precision in get_args(Resolved):
            kept = replace(kept, precision=cast(Resolved, precision))
        if self.devices in ALL and processes.isdecimal():
            here, then = self.num_devices, int(processes) // self.num_nodes
            if here < then:
                raise UserError(
                    f"this run began on {then} devices of each node, and here are {here}, got trainer.devices=auto "
                    "(go on where there are as many, or set trainer.devices for a new run)"
                )
            kept = replace(kept, devices=then)
        return kept

    def apply_to_torch(self) -> None:
        """Set what is set once for all of a process."""
        # Said each time, or a job of a sweep would inherit the one before's.
        torch.set_num_threads(self.threads or THREADS)
        if self.fp32_precision is not None:
            torch.backends.fp32_precision = self.fp32_precision  # type: ignore[attr-defined]  # not in every torch


class InPlace(TorchCheckpointIO):
    """Writes a checkpoint where it is asked to, which is a draft (`checkpoint_folder`), and reads it as `checkpoint`.

    Lightning's goes by the system's temporary folder, which may be full, and where a process that is killed leaves it.

    Raises:
        OSError: there is no room for it; torch's own files say nothing of why.
    """

    def remove_checkpoint(self, path: str | Path) -> None:
        """Remove what a callback kept in its own folder: what it kept, only the state in a checkpoint may say."""
        if "://" not in str(path) and "::" not in str(path) and ".." not in Path(path).parts:
            super().remove_checkpoint(path)

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any | None = None) -> None:
        content = io.BytesIO()
        torch.save(checkpoint, content)
        with naming(Path(path)):
            Path(path).write_bytes(content.getbuffer())

    def load_checkpoint(
        self, path: str | Path, map_location: Any | None = None, weights_only: bool | None = None
    ) -> dict[str, Any]:
        return checkpoint.load(Path(path))


def build_trainer(
    settings: TrainerSettings,
    *,
    directory: Path | None,
    callbacks: Sequence[Callback],
    loggers: Sequence[Logger],
    batches_per_update: int | None = None,
) -> Trainer:
    """A Trainer that counts optimizer updates, not epochs (`data.loading.stream` says why).

    What the caller knows better, who has the data, the run's folder and the model, isn't read here: `max_epochs`,
    `checkpoint_interval`, `keep_checkpoints`, `compile`. `batches_per_update` is said by a task that steps its
    optimizers itself; None: it is `accumulate_grad_batches`.

    Raises:
        ValueError: several nodes without srun, or a torch that can't shard.
        MisconfigurationException: Lightning's, of what this machine hasn't got.
    """
    _check_devices(settings)
    settings.apply_to_torch()
    _quiet()
    has_bar = any(isinstance(each, ProgressBar) for each in callbacks)
    shows_bar = settings.enable_progress_bar and (has_bar or somebody_looks_on())
    own: list[Callback] = [UpdatesBar(refresh_rate=10)] if shows_bar and not has_bar else []
    own += [] if settings.clip_value is None else [ClipByValue(settings.clip_value)]
    trainer = Trainer(
        accelerator=settings.accelerator,
        devices=settings.num_devices,
        num_nodes=settings.num_nodes,
        callbacks=[*own, *sharding_callbacks(settings.strategy), *callbacks],
        strategy=strategy_of(settings.strategy, settings.world_size),
        plugins=[*environment(settings.num_nodes), InPlace()],
        precision=resolve_precision(settings.precision, settings.accelerator),
        max_steps=settings.max_steps,
        max_epochs=-1,
        check_val_every_n_epoch=None,
        # Lightning counts batches here; everything of ours counts updates.
        val_check_interval=settings.val_check_interval * (batches_per_update or settings.accumulate_grad_batches),
        limit_val_batches=settings.limit_val_batches,
        limit_test_batches=settings.limit_test_batches,
        log_every_n_steps=settings.log_every_n_steps,
        accumulate_grad_batches=settings.accumulate_grad_batches,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        # Weights gathered in inference mode couldn't be trained any more.
        inference_mode=not settings.sharded,
        enable_checkpointing=True,
        enable_model_summary=False,
        enable_progress_bar=shows_bar,
        logger=list(loggers) or False,
        default_root_dir=directory,
        max_time=settings.max_time,
        detect_anomaly=settings.detect_anomaly,
        **settings.lightning,
    )
    # Its handler for SIGTERM speaks to the other processes from within the signal, which may be anywhere in a step;
    # ours (attnlab.launch.stop) raises a flag.
    trainer._signal_connector.register_signal_handlers = lambda: None  # type: ignore[method-assign]  # of this one
    return trainer


def _check_devices(settings: TrainerSettings) -> None:
    """ValueError where this machine hasn't got what is asked for."""
    if is_cpu(settings.accelerator):
        check_processes(settings.num_devices)
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if (settings.accelerator == "gpu" and not (cuda or mps)) or (settings.accelerator == "mps" and not mps):
        raise ValueError(no_gpu(settings.accelerator))
    if not is_cpu(settings.accelerator) and cuda and settings.num_devices > torch.cuda.device_count():
        raise ValueError(
            f"devices must be the {torch.cuda.device_count()} that this machine has or fewer, got "
            f"{settings.num_devices} (set trainer.devices)"
        )


def _quiet() -> None:
    logging.getLogger("lightning.pytorch.utilities.rank_zero").setLevel(logging.WARNING)
    logging.getLogger("lightning.fabric.utilities.distributed").setLevel(logging.WARNING)
    # Lightning's own use of torch.
    warnings.filterwarnings("ignore", message=".*isinstance.treespec, LeafSpec.*")
    # Our data lies in memory: workers would only slow it down.
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    # Resuming in mid-epoch is what our stream of batches is for.
    warnings.filterwarnings("ignore", message=".*resuming from a checkpoint that ended before the epoch ended.*")
    # On a cluster's login node a run may well be meant for that node.
    warnings.filterwarnings("ignore", message=".*`srun` command is available on your system but is not used.*")
    # It has another name in later versions of torch; what it says of buffers (`strategy_of`) is meant.
    warnings.filterwarnings("ignore", message=r"\s*`broadcast_buffers` is deprecated")
    # Scores are summed over all processes before they are logged.
    warnings.filterwarnings("ignore", message=".*It is recommended to use `self.log.*sync_dist=True.*")
    # A resumed run writes its checkpoints where it wrote them before.
    warnings.filterwarnings("ignore", message=".*Checkpoint directory .* exists and is not empty.*")
