"""Where a run was computed, for its record: the machine, and the versions that its checkout asks for."""

import hashlib
import os
import platform
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # doctor asks for the processor where torch can't be imported
    import torch

LOCK = "requirements.lock"


def hardware(device: "torch.device") -> dict[str, str | int]:
    """The processor, the cores that this process may use, and the device that trained."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    name = device.type
    if device.type == "cuda":
        import torch

        name = torch.cuda.get_device_name(device)
    return {"cpu": cpu_model(), "cores": cores, "device": name}


def cpu_model() -> str:
    """The processor's name, as far as the system tells."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def lock_hash() -> str | None:
    """The SHA-256 of the checkout's lock file; None for an installed wheel, whose record has the versions alone."""
    path = Path(__file__).resolve().parents[3] / LOCK
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def git_commit() -> str | None:
    """The commit of the checkout this code runs from; None for an installed wheel."""
    here = Path(__file__).resolve().parent
    if not (here.parents[2] / ".git").exists():
        return None
    try:
        found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True, check=False)
    except OSError:  # git isn't installed
        return None
    return found.stdout.strip() or None
