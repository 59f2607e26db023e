"""What this process may use of the machine, and what attnlab makes of it."""

import os
import platform
import time
from collections.abc import Iterator
from pathlib import Path

from attnlab.commands.doctor.check import Check, one_line
from attnlab.commands.doctor.installed import REINSTALL
from attnlab.launch.resources import memory_bytes

GIB = 2**30


def hardware() -> Iterator[Check]:
    from attnlab.runs.surroundings import cpu_model

    yield Check("platform", "ok", platform.platform())
    cores, all_cores = usable_cores(), os.cpu_count()
    yield Check(
        "cpu",
        "ok",
        f"{cpu_model()}, {cores} of {all_cores} cores usable",
        chinese=f"{cpu_model()}，{all_cores} 个核中有 {cores} 个可用",
    )
    memory = memory_bytes()
    enough = memory >= 4 * GIB
    yield Check(
        "memory",
        "ok" if enough else "warn",
        f"{memory / GIB:.1f} GiB",
        "" if enough else "take smaller batches (data.batch_tokens), or ask for more memory",
        chinese_remedy="" if enough else "减小批次（data.batch_tokens），或申请更多内存",
    )


def torch() -> Iterator[Check]:
    try:
        import torch
    except (ImportError, OSError) as error:  # OSError: a library of its own is missing
        yield Check("torch", "fail", f"can't be imported: {one_line(error)}", REINSTALL, f"无法导入：{one_line(error)}")
        return
    built_for = f"CUDA {torch.version.cuda}" if torch.version.cuda else "no CUDA"
    in_chinese = f"为 CUDA {torch.version.cuda} 构建" if torch.version.cuda else "不带 CUDA"
    yield Check(
        "torch", "ok", f"{torch.__version__}, built for {built_for}", chinese=f"{torch.__version__}，{in_chinese}"
    )
    if torch.cuda.is_available():
        gpus = [torch.cuda.get_device_properties(index) for index in range(torch.cuda.device_count())]
        described = ", ".join(f"{gpu.name} ({gpu.total_memory / GIB:.0f} GiB)" for gpu in gpus)
        yield Check("device", "ok", f"{len(gpus)} GPU: {described}", chinese=f"{len(gpus)} 块 GPU：{described}")
    elif Path("/proc/driver/nvidia/version").is_file():
        remedy = "install a torch built for this driver's CUDA, or ask the cluster for a GPU (--gres=gpu:1)"
        yield Check(
            "device",
            "warn",
            "an NVIDIA driver is here, but torch finds no GPU",
            remedy,
            "有 NVIDIA 驱动，但 torch 找不到 GPU",
            "安装与该驱动的 CUDA 相配的 torch，或向集群申请 GPU（--gres=gpu:1）",
        )
    elif torch.backends.mps.is_available():
        yield Check("device", "ok", "Apple GPU (mps)", chinese="Apple GPU（mps）")
    else:
        yield Check("device", "ok", "CPU only", chinese="只有 CPU")


def precision() -> Iterator[Check]:
    from attnlab.runs.precision import bf16_in_hardware, is_cpu, resolve_precision

    in_hardware, chosen = bf16_in_hardware(), resolve_precision("auto", "auto")
    has = "has" if in_hardware else "has no"
    chinese = f"设备{'有' if in_hardware else '没有'}硬件 bfloat16：auto 即 {chosen}"
    detail = f"the device {has} bfloat16 in hardware: auto is {chosen}"
    if is_cpu("auto"):
        ratio = bf16_time()
        detail += f"; with bf16-mixed a small Transformer layer takes {ratio:.2f} times 32-true's time (rough if busy)"
        chinese += f"；用 bf16-mixed 训练一个小 Transformer 层，用时为 32-true 的 {ratio:.2f} 倍（机器忙时不准）"
    yield Check("precision", "ok", detail, chinese=chinese)


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
            "threads",
            "ok",
            f"OMP_NUM_THREADS is unset: trainer.threads decides, or torch, of {cores} usable cores",
            chinese=f"没有设 OMP_NUM_THREADS：由 trainer.threads 或 torch 决定，可用的核有 {cores} 个",
        )
    elif not asked.isdigit() or int(asked) < 1:
        yield Check(
            "threads",
            "warn",
            f"OMP_NUM_THREADS is {asked!r}, not a number of threads",
            "unset OMP_NUM_THREADS",
            f"OMP_NUM_THREADS 为 {asked!r}，不是线程数",
        )
    elif int(asked) > cores:
        detail = f"OMP_NUM_THREADS is {asked}, more than the {cores} usable cores: threads will wait for each other"
        chinese = f"OMP_NUM_THREADS 为 {asked}，多于可用的 {cores} 个核：线程会互相等待"
        yield Check("threads", "warn", detail, f"export OMP_NUM_THREADS={cores}", chinese)
    else:
        chinese = f"OMP_NUM_THREADS 为 {asked}，可用的核有 {cores} 个"
        yield Check("threads", "ok", f"OMP_NUM_THREADS is {asked}, of {cores} usable cores", chinese=chinese)


def usable_cores() -> int:
    """The cores that this process may run on, which on a cluster are fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):  # not on every system
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
