"""How several processes share a run, and who starts them."""

import os
from typing import Any

import torch
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.fabric.plugins.environments.slurm import SLURMEnvironment
from lightning.pytorch import Callback
from lightning.pytorch.strategies import DDPStrategy, Strategy

from attnlab.config.trainer_words import StrategyName
from attnlab.launch.place import is_slurm_task, under_slurm


def strategy_of(name: StrategyName, world_size: int) -> str | Strategy:
    """What Lightning's Trainer takes as its strategy; `auto` is ddp where there are several processes."""
    if name == "fsdp":
        from attnlab.runs import sharding

        return sharding.strategy(world_size)
    if name == "ddp" or world_size > 1:
        # Tasks whose nets have running statistics share them (`attnlab.processes`); broadcasting all buffers with every
        # batch would need equal numbers of validation batches on all ranks.
        return DDPStrategy(find_unused_parameters=False, broadcast_buffers=False)
    return name


def sharding_callbacks(name: StrategyName) -> list[Callback]:
    """What a strategy needs besides itself.

    Raises:
        ValueError: this torch can't shard.
    """
    if name != "fsdp":
        return []
    # Here, because older versions of torch, which torchtext needs, don't have it.
    try:
        from attnlab.runs import sharding
    except ImportError as error:
        raise ValueError(
            f"strategy fsdp needs torch 2.6 or later, got {torch.__version__} (set trainer.strategy)"
        ) from error
    return [sharding.WholeInEvaluation()]


def environment(num_nodes: int) -> list[Any]:
    """Who starts the processes, where Lightning would take a shell within a SLURM job for one of several tasks.

    Raises:
        ValueError: several nodes, and nobody who starts the processes on them.
    """
    if is_slurm_task():
        return [SLURMEnvironment(auto_requeue=False)]
    if not under_slurm():
        # Lightning's processes would wait for those of the other nodes, for ever.
        if num_nodes > 1 and not {"MASTER_ADDR", "WORLD_SIZE"} & os.environ.keys():
            raise ValueError(
                f"on several nodes a launcher starts the processes, got num_nodes={num_nodes} with neither MASTER_ADDR "
                "nor WORLD_SIZE in the environment (set trainer.num_nodes=1, or start it by srun or torchrun)"
            )
        return []
    if num_nodes > 1:
        raise ValueError(
            f"on several nodes srun starts the processes, got num_nodes={num_nodes} without it (set trainer.num_nodes, "
            "or see attnlab slurm-script)"
        )
    return [LightningEnvironment()]
