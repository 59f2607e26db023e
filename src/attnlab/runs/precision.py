"""Which number format training computes in."""

from pathlib import Path

import torch

from attnlab.config.trainer_words import Accelerator, Precision, Resolved


def resolve_precision(precision: Precision, accelerator: Accelerator) -> Resolved:
    """`auto` is bf16-mixed on GPUs that have it in hardware, and 32-true elsewhere.

    Always so on CPUs: whether bfloat16 is faster there hangs on the processor and the model, and the same command would
    compute other numbers on the next machine.
    """
    if precision != "auto":
        return precision
    return "bf16-mixed" if not is_cpu(accelerator) and bf16_in_hardware(accelerator) else "32-true"


def check_precision(precision: Precision, accelerator: Accelerator) -> None:
    """ValueError for a precision that the device which `accelerator` picks doesn't have."""
    if precision == "16-mixed" and is_cpu(accelerator):
        raise ValueError(
            f"precision 16-mixed needs a GPU, got trainer.accelerator={accelerator}, which is the CPU here "
            "(set trainer.precision=bf16-mixed)"
        )
    on_mps = accelerator in ("auto", "mps") and torch.backends.mps.is_available() and not torch.cuda.is_available()
    if precision == "64-true" and on_mps:
        raise ValueError(
            f"an Apple GPU has no double precision, got trainer.accelerator={accelerator} (set trainer.accelerator=cpu)"
        )


def bf16_in_hardware(accelerator: Accelerator = "auto") -> bool:
    """Whether the device that `accelerator` picks multiplies bfloat16 itself."""
    if accelerator in ("auto", "gpu") and torch.cuda.is_available():
        # Not is_bf16_supported(), which counts emulation, and couldn't be asked not to in torch 2.3.
        return torch.version.hip is not None or torch.cuda.get_device_capability() >= (8, 0)
    if accelerator == "gpu" or (accelerator in ("auto", "mps") and torch.backends.mps.is_available()):
        return False
    return bool({"avx512_bf16", "amx_bf16"} & _cpu_flags())


def is_cpu(accelerator: Accelerator) -> bool:
    """Whether `accelerator` picks the CPU here."""
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
