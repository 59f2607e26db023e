"""What this process may use of the machine, and what attnlab makes of it."""

import os
import platform
import time
from collections.abc import Iterator
from pathlib import Path

from attnlab.commands.doctor.check import Check, one_line
from attnlab.commands.doctor.installed import REINSTALL

GIB = 2**30


def hardware() -> Iterator[Check]:
    from attnlab.runs.surroundings import cpu_model

    yield Check("platform", "ok", platform.platform())
    yield Check("cpu", "ok", f"{cpu_model()}, {usable_cores()} of {os.cpu_count()} cores usable")
    memory = memory_bytes()
    enough = memory >= 4 * GIB
    yield Check(
        "memory",
        "ok" if enough else "warn",
        f"{memory / GIB:.1f} GiB",
        "" if enough else "take smaller batches (data.batch_tokens), or ask for more memory",
    )


def torch() -> Iterator[Check]:
    try:
        import torch
    except (ImportError, OSError) as error:  # OSError: a library of its own is missing
        yield Check("torch", "fail", f"can't be imported: {one_line(error)}", REINSTALL)
        return
    built_for = f"CUDA {torch.version.cuda}" if torch.version.cuda else "no CUDA"
    yield Check("torch", "ok", f"{torch.__version__}, built for {built_for}")
    if torch.cuda.is_available():
        gpus = [torch.cuda.get_device_properties(index) for index in range(torch.cuda.device_count())]
        described = ", ".join(f"{gpu.name} ({gpu.total_memory / GIB:.0f} GiB)" for gpu in gpus)
        yield Check("device", "ok", f"{len(gpus)} GPU: {described}")
    elif Path("/proc/driver/nvidia/version").is_file():
        remedy = "install a torch built for this driver's CUDA, or ask the cluster for a GPU (--gres=gpu:1)"
        yield Check("device", "warn", "an NVIDIA driver is here, but torch finds no GPU", remedy)
    elif torch.backends.mps.is_available():
        yield Check("device", "ok", "Apple GPU (mps)")
    else:
        yield Check("device", "ok", "CPU only")


def precision() -> Iterator[Check]:
    from attnlab.runs.precision import bf16_in_hardware, is_cpu, resolve_precision

    has, chosen = "has" if bf16_in_hardware() else "has no", resolve_precision("auto", "auto")
    detail = f"the device {has} bfloat16 in hardware: auto is {chosen}"
    if is_cpu("auto"):
        detail += f"; a small Transformer layer trains in {bf16_time():.2f} times the time with bf16-mixed"
    yield Check("precision", "ok", detail)


def bf16_time(*, rounds: int = 5) -> float:
    """The time of a training step of one small Transformer layer on the CPU in bf16-mixed, in 32-true's."""
    import torch

    layer = torch.nn.TransformerEncoderLayer(128, 4, dim_feedforward=256, dropout=0.0, batch_first=True)
    inputs = torch.randn(16, 64, 128)  # (B, T, D)
    seconds: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(rounds + 1):  # in turn, or another process's work would fall on one of them alone
        for mixed in seconds:
            began = time.perf_counter()
            with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
                loss = layer(inputs).float().square().mean()
            loss.backward()
            seconds[mixed].append(time.perf_counter() - began)
    return min(seconds[True][1:]) / min(seconds[False][1:])  # the first of each makes its kernels


def threads() -> Iterator[Check]:
    asked, cores = os.environ.get("OMP_NUM_THREADS"), usable_cores()
    if asked is None:
        yield Check(
            "threads", "ok", f"OMP_NUM_THREADS is unset: trainer.threads decides, or torch, of {cores} usable cores"
        )
    elif not asked.isdigit() or int(asked) < 1:
        yield Check(
            "threads", "warn", f"OMP_NUM_THREADS is {asked!r}, not a number of threads", "unset OMP_NUM_THREADS"
        )
    elif int(asked) > cores:
        detail = f"OMP_NUM_THREADS is {asked}, more than the {cores} usable cores: threads will wait for each other"
        yield Check("threads", "warn", detail, f"export OMP_NUM_THREADS={cores}")
    else:
        yield Check("threads", "ok", f"OMP_NUM_THREADS is {asked}, of {cores} usable cores")


def usable_cores() -> int:
    """The cores that this process may run on, which on a cluster are fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):  # not on every system
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory_bytes() -> int:
    """The machine's memory, or less where a container is given less."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        text = Path(limit).read_text(encoding="utf-8").strip() if Path(limit).is_file() else "max"
        limits += [int(text)] if text.isdigit() else []
    return min(limits)
