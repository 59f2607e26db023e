"""Cores and GPUs of this machine, what a run takes of them, and how much is free."""

import ctypes
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from attnlab.errors import UserError

FEW, PROCESSES_A_CORE = 16, 4  # that a machine carries, if slowly


class Needs(NamedTuple):
    """What a run takes while it trains; on GPUs its cores don't count."""

    cores: int = 1
    gpus: int = 0


def needs_of(trainer: Mapping[str, Any], *, threads: int, gpus: int) -> Needs:
    """Of a run by its `trainer` settings, where one without `trainer.threads` computes in so many `threads`.

    Raises:
        UserError: it is a part of a run on several machines.
    """
    if trainer["num_nodes"] != 1:
        raise UserError(
            f"runs side by side are on one machine, got trainer.num_nodes={trainer['num_nodes']} "
            "(set hydra/launcher=slurm, or trainer.num_nodes=1)"
        )
    devices, accelerator = trainer["devices"], trainer["accelerator"]
    given = devices if isinstance(devices, int) and devices > 0 else None
    if gpus and accelerator in ("gpu", "auto"):
        # Of more than there are the run itself says so.
        return Needs(cores=0, gpus=gpus if given is None else min(given, gpus))
    return Needs(cores=(given or 1) * (trainer["threads"] or threads))


def cores_here() -> int:
    """As many as this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def check_processes(wanted: int) -> None:
    """ValueError for more processes of a run than these cores can carry: each has a copy of everything."""
    cores = cores_here()
    if wanted > (most := max(FEW, PROCESSES_A_CORE * cores)):
        raise ValueError(
            f"devices must be {most} processes or fewer on the {cores} cores of this machine, got {wanted} (set "
            "trainer.devices)"
        )


def memory_bytes() -> int:
    """The machine's memory, or less where a container is given less."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        text = Path(limit).read_text(encoding="utf-8").strip() if Path(limit).is_file() else "max"
        limits += [int(text)] if text.isdigit() else []
    return min(limits)


def threads_alone() -> int:
    """In how many threads a run computes that doesn't say."""
    import torch

    return torch.get_num_threads()


def gpus_here() -> tuple[str, ...]:
    """Those that runs may take, as CUDA_VISIBLE_DEVICES names them.

    They are counted without a use of CUDA, which a process that has begun one can't hand on to those that it forks.
    """
    import torch

    count = torch.cuda.device_count()
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    return tuple(named.split(",") if named else map(str, range(count)))[:count]


# Without one of them no driver of a GPU is here: NVIDIA's, a Jetson's, AMD's, Windows' own in its Linux.
DEVICES = ("/dev/nvidiactl", "/dev/nvhost-ctrl", "/dev/nvmap", "/dev/kfd", "/dev/dxg")


def may_have_gpu() -> bool:
    """Whether torch might find a GPU, told without loading it; False where it surely won't."""
    if sys.platform != "linux" or any(Path(each).exists() for each in DEVICES):
        return True
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return True


def no_gpu(accelerator: str) -> str:
    """What to tell the user of a `trainer.accelerator` that isn't here."""
    return (
        f"torch finds no GPU that it can use, got trainer.accelerator={accelerator} (set trainer=cpu; attnlab doctor "
        "says what is missing)"
    )


class Place(NamedTuple):
    """What one run has been given."""

    cores: int
    gpus: tuple[str, ...]


class Room:
    """What is free. A run that takes more than there is gets all of it, alone.

    Args:
        cores: that runs take together.
        gpus: by name, each of one run at a time.
        workers: most runs at a time, whatever cores they take; None: as many as the cores allow.
    """

    def __init__(self, *, cores: int, gpus: Sequence[str] = (), workers: int | None = None) -> None:
        self.cores, self.free_gpus, self.workers = cores, list(gpus), workers
        self.taken: list[Place] = []

    def take(self, needs: Needs) -> Place | None:
        """A place for a run; None while there is none."""
        if needs.gpus > len(self.free_gpus) or (self.taken and self._is_full(needs)):
            return None
        place = Place(needs.cores, tuple(self.free_gpus[: needs.gpus]))
        del self.free_gpus[: needs.gpus]
        self.taken.append(place)
        return place

    def _is_full(self, needs: Needs) -> bool:
        if self.workers is not None:
            return len(self.taken) >= self.workers
        return sum(each.cores for each in self.taken) + needs.cores > self.cores

    def give_back(self, place: Place) -> None:
        """What a run had that has ended."""
        self.taken.remove(place)
        self.free_gpus += place.gpus
