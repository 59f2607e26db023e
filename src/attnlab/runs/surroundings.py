"""Where a run was computed, for its record: the machine, and the versions that its checkout asks for."""

import hashlib
import os
import platform
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

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


def elsewhere(record: Mapping[str, Any], device: "torch.device", *, precision: str) -> Iterator[str]:
    """What of the machine isn't as a run has it on record, so that the same may come out otherwise; not its threads."""
    import torch

    then, here = record.get("hardware") or {}, hardware(device)
    versions = record.get("versions") or {}
    for what, before, now in (
        ("processor", then.get("cpu"), here["cpu"]),
        ("device", then.get("device"), here["device"]),
        ("torch", versions.get("torch"), torch.__version__.split("+")[0]),
        ("precision", record.get("precision"), precision),
    ):
        before = before.split("+")[0] if what == "torch" and isinstance(before, str) else before
        if before != now:
            yield f"{what} {before or 'not recorded'} then, {now} now"


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
