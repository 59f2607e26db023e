"""Where a trained model is put: torch's name of a device, checked before it is loaded. Imports nothing heavy."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from attnlab.errors import UserError, guess
from attnlab.launch.resources import may_have_gpu

if TYPE_CHECKING:
    from torch import nn

KNOWN = re.compile(r"(cpu|cuda(:\d+)?|mps|xpu(:\d+)?)")
# What else a GPU is called.
ELSEWHERE = re.compile(r"(?:gpu|nvidia|cuda)[ :]?(\d*)", re.IGNORECASE)


def check_device(name: str) -> None:
    """UserError for a name that is no device's, or one that isn't here; torch is asked only of what may be."""
    if KNOWN.fullmatch(name) is None:
        meant = ELSEWHERE.fullmatch(name)
        guessed = (
            [f"cuda:{meant[1]}" if meant[1] else "cuda"]
            if meant
            else [name.lower()] * bool(KNOWN.fullmatch(name.lower()))
        )
        raise UserError(f"a device is cpu, cuda, cuda:1 or mps, got {name!r}{guess(guessed)} (set --device)")
    if name.startswith("cuda") and not (may_have_gpu() and _cuda_devices()):
        raise UserError(
            f"torch finds no GPU here that it can use, got {name!r} (set --device cpu, or see attnlab doctor)"
        )
    if name.startswith("cuda") and int(name.partition(":")[2] or 0) >= _cuda_devices():
        raise UserError(f"this machine has {_cuda_devices()} GPUs, counted from 0, got {name!r} (set --device)")


def move(modules: "Mapping[str, nn.Module]", device: str) -> None:
    """Put modules on a device. Raises UserError where they can't be."""
    from torch import nn

    try:
        nn.ModuleDict(modules).to(device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"this device can't be used, got {device!r}: {reason} (set --device)") from error


def _cuda_devices() -> int:
    import torch

    return torch.cuda.device_count() if torch.cuda.is_available() else 0
