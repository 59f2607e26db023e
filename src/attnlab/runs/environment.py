"""In what a run is trained, besides its configuration."""

import platform
from typing import Any

import torch
from lightning.pytorch import Trainer


def environment(trainer: Trainer) -> dict[str, str]:
    """What bit-identical results depend on besides the configuration."""
    return {
        "torch": str(torch.__version__),
        "threads": str(torch.get_num_threads()),
        "precision": str(trainer.precision),
        "processes": str(trainer.world_size),
        "machine": f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}",
    }


def environment_of(stored: dict[str, Any]) -> dict[str, str]:
    """In what a checkpoint was trained, besides its configuration: precision, processes ..."""
    environment = stored.get("environment")
    return {str(key): str(value) for key, value in environment.items()} if isinstance(environment, dict) else {}
