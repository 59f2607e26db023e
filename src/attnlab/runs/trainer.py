"""The Lightning Trainer of a run: lean defaults, precision chosen by the hardware."""

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.fabric.plugins.environments.slurm import SLURMEnvironment
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import TQDMProgressBar
from lightning.pytorch.loggers import Logger
from lightning.pytorch.strategies import DDPStrategy, Strategy

from attnlab.errors import at_least
from attnlab.launch.place import is_slurm_task, under_slurm
from attnlab.tasks.training.scores import batches_per_update

THREADS = torch.get_num_threads()
Accelerator = Literal["auto", "cpu", "gpu", "mps"]
Precision = Literal["auto", "32-true", "bf16-mixed", "16-mixed", "bf16-true"]


def build_trainer(
    *,
    accelerator: Accelerator,
    devices: int,
    num_nodes: int,
    strategy: Literal["auto", "ddp", "fsdp"],
    precision: Precision,
    max_steps: int,
    max_epochs: int | None,
    val_check_interval: int,
    limit_val_batches: int | float | None,
    limit_test_batches: int | float | None,
    checkpoint_interval: int,
    keep_checkpoints: int,
    log_every_n_steps: int,
    accumulate_grad_batches: int,
    threads: int | None,
    fp32_precision: Literal["ieee", "tf32", "bf16"] | None,
    compile: bool,
    enable_progress_bar: bool,
    directory: Path,
    callbacks: Sequence[Callback],
    loggers: Sequence[Logger],
    batches_per_update: int | None = None,
) -> Trainer:
    """A Trainer that counts optimizer updates, not epochs (`data.stream` says why).

    `max_epochs`, `checkpoint_interval`, `keep_checkpoints` and `compile` are read by the caller, who knows the data,
    the run's folder and the model. `batches_per_update` is said by a task that steps its optimizers itself; None: it is
    `accumulate_grad_batches`.
    """
    del max_epochs, compile
    at_least(
        1,
        "trainer",
        max_steps=max_steps,
        val_check_interval=val_check_interval,
        checkpoint_interval=checkpoint_interval,
        keep_checkpoints=keep_checkpoints,
        log_every_n_steps=log_every_n_steps,
        accumulate_grad_batches=accumulate_grad_batches,
        devices=devices,
    )
    if threads is not None:
        at_least(1, "trainer", threads=threads)
    # Said each time, or a job of a sweep would inherit the one before's.
    torch.set_num_threads(threads or THREADS)
    if fp32_precision is not None:
        if not hasattr(torch.backends, "fp32_precision"):  # setting it would change nothing
            raise ValueError(
                f"fp32_precision needs a later torch, got {torch.__version__} (set trainer.fp32_precision=null)"
            )
        torch.backends.fp32_precision = fp32_precision

    if precision == "16-mixed" and _is_cpu(accelerator):
        raise ValueError(
            f"precision 16-mixed needs a GPU, got trainer.accelerator={accelerator}, which is the CPU here "
            "(set trainer.precision=bf16-mixed)"
        )

    _quiet()
    own: list[Callback] = [UpdatesBar(refresh_rate=10)] if enable_progress_bar else []
    if strategy == "fsdp":
        own += _sharding_callbacks()
    trainer = Trainer(
        accelerator=accelerator,
        devices=devices,
        num_nodes=num_nodes,
        strategy=_strategy(strategy, devices * num_nodes),
        plugins=_environment(num_nodes),
        precision=resolve_precision(precision, accelerator),  # type: ignore[arg-type]  # "auto" is gone
        max_steps=max_steps,
        max_epochs=-1,
        check_val_every_n_epoch=None,
        # Lightning counts batches here; everything of ours counts updates.
        val_check_interval=val_check_interval * (batches_per_update or accumulate_grad_batches),
        limit_val_batches=limit_val_batches,
        limit_test_batches=limit_test_batches,
        log_every_n_steps=log_every_n_steps,
        accumulate_grad_batches=accumulate_grad_batches,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        # Weights gathered in inference mode couldn't be trained any more.
        inference_mode=strategy != "fsdp",
        enable_checkpointing=True,
        enable_model_summary=False,
        enable_progress_bar=enable_progress_bar,
        callbacks=[*own, *callbacks],
        logger=list(loggers) or False,
        default_root_dir=directory,
    )
    # Its handler for SIGTERM speaks to the other processes from within the signal, which may be anywhere in a step;
    # ours (attnlab.launch.stop) raises a flag.
    trainer._signal_connector.register_signal_handlers = lambda: None  # type: ignore[method-assign]
    return trainer


class UpdatesBar(TQDMProgressBar):
    """Counts to the last update: the stream of batches itself has no end."""

    @property
    def total_train_batches(self) -> int | float:
        return self.trainer.max_steps * batches_per_update(self.trainer)

    def on_train_start(self, *args: Any) -> None:
        super().on_train_start(*args)
        # Lightning tells the bar its length when an epoch begins, which a resumed run's doesn't.
        self.train_progress_bar.total = self.total_train_batches

    def on_train_epoch_start(self, trainer: Trainer, *args: Any) -> None:
        super().on_train_epoch_start(trainer, *args)
        self.train_progress_bar.set_description("Training")

    def get_metrics(
        self, trainer: Trainer, pl_module: LightningModule
    ) -> dict[str, int | str | float | dict[str, float]]:
        metrics = super().get_metrics(trainer, pl_module)
        return {name: value for name, value in metrics.items() if name != "v_num"}


def resolve_precision(precision: Precision, accelerator: Accelerator) -> Precision:
    """`auto` is bf16-mixed where that is faster, and 32-true elsewhere."""
    if precision != "auto":
        return precision
    return "bf16-mixed" if bf16_is_faster(accelerator) else "32-true"


def bf16_in_hardware(accelerator: Accelerator = "auto") -> bool:
    """Whether the device that `accelerator` picks multiplies bfloat16 itself."""
    if accelerator in ("auto", "gpu") and torch.cuda.is_available():
        # Not is_bf16_supported(), which counts emulation, and couldn't be asked not to in torch 2.3.
        return torch.version.hip is not None or torch.cuda.get_device_capability() >= (8, 0)
    if accelerator == "gpu" or (accelerator in ("auto", "mps") and torch.backends.mps.is_available()):
        return False
    return bool({"avx512_bf16", "amx_bf16"} & _cpu_flags())


def bf16_is_faster(accelerator: Accelerator = "auto") -> bool:
    """Whether mixed precision with bfloat16 trains faster there, by measurement.

    AVX512_BF16 alone is not enough: small models trained 1.5 times faster with it on AMD, whose float32 products run
    at half width, and 1.4 to 1.7 times slower on an Intel CPU without AMX.
    """
    if not bf16_in_hardware(accelerator):
        return False
    on_cpu = accelerator == "cpu" or not torch.cuda.is_available()
    return not on_cpu or "amx_bf16" in _cpu_flags() or "AuthenticAMD" in _cpu_info()


def _is_cpu(accelerator: Accelerator) -> bool:
    has_gpu = torch.cuda.is_available() or torch.backends.mps.is_available()
    return accelerator == "cpu" or (accelerator == "auto" and not has_gpu)


def _cpu_flags() -> set[str]:
    for line in _cpu_info().splitlines():
        if line.startswith(("flags", "Features")):
            return set(line.split(":", 1)[1].split())
    return set()


def _cpu_info() -> str:
    """What Linux says of the processor; elsewhere nothing."""
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _environment(num_nodes: int) -> list[Any]:
    """Who starts the processes, where Lightning would take a shell within a SLURM job for one of several tasks."""
    if is_slurm_task():
        return [SLURMEnvironment(auto_requeue=False)]
    if not under_slurm():
        return []
    if num_nodes > 1:
        raise ValueError(
            f"on several nodes srun starts the processes, got num_nodes={num_nodes} without it (set trainer.num_nodes, "
            "or see attnlab slurm-script)"
        )
    return [LightningEnvironment()]


def _sharding_callbacks() -> list[Callback]:
    # Here, because older versions of torch, which torchtext needs, don't have it.
    try:
        from attnlab.runs import sharding
    except ImportError as error:
        raise ValueError(
            f"strategy fsdp needs torch 2.6 or later, got {torch.__version__} (set trainer.strategy)"
        ) from error
    return [sharding.WholeInEvaluation()]


def _strategy(name: Literal["auto", "ddp", "fsdp"], world_size: int) -> str | Strategy:
    if name == "fsdp":
        from attnlab.runs import sharding

        return sharding.strategy(world_size)
    if name == "ddp" or world_size > 1:
        # Tasks whose nets have running statistics share them (`tasks.processes`); broadcasting all buffers with every
        # batch would need equal numbers of validation batches on all ranks.
        return DDPStrategy(find_unused_parameters=False, broadcast_buffers=False)
    return name


def _quiet() -> None:
    logging.getLogger("lightning.pytorch.utilities.rank_zero").setLevel(logging.WARNING)
    # Lightning's own use of torch.
    warnings.filterwarnings("ignore", message=".*isinstance.treespec, LeafSpec.*")
    # Our data lies in memory: workers would only slow it down.
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    # Resuming in mid-epoch is what our stream of batches is for.
    warnings.filterwarnings("ignore", message=".*resuming from a checkpoint that ended before the epoch ended.*")
    # On a cluster's login node a run may well be meant for that node.
    warnings.filterwarnings("ignore", message=".*`srun` command is available on your system but is not used.*")
    # A resumed run writes its checkpoints where it wrote them before.
    warnings.filterwarnings("ignore", message=".*Checkpoint directory .* exists and is not empty.*")
