"""The state of every generator that training draws from, as plain values."""

import random
from typing import Any

import numpy as np
import torch


def random_state(device: torch.device) -> dict[str, Any]:
    """Python's, NumPy's, torch's and the device's own."""
    version, internal, gauss = random.getstate()
    kind, keys, position, has_gauss, cached = np.random.get_state()  # libraries draw from it
    return {
        "python": [version, list(internal), gauss],
        "numpy": [kind, np.asarray(keys).tolist(), int(position), int(has_gauss), float(cached)],
        "torch": torch.get_rng_state(),
        # Of this process's device alone: asking for another's would claim memory on it.
        device.type: _device_state(device),
    }


def set_random_state(state: dict[str, Any], device: torch.device) -> None:
    """Go on from `random_state()`; on another kind of device that device's own generator is left alone."""
    version, internal, gauss = state["python"]
    random.setstate((version, tuple(internal), gauss))
    kind, keys, position, has_gauss, cached = state["numpy"]
    np.random.set_state((kind, np.asarray(keys, dtype=np.uint32), position, has_gauss, cached))
    torch.set_rng_state(state["torch"].cpu())
    if (own := state.get(device.type)) is None:
        return
    if device.type == "cuda":
        torch.cuda.set_rng_state(own.cpu(), device)
    elif device.type == "mps":
        torch.mps.set_rng_state(own.cpu())


def check_random_state(state: dict[str, Any]) -> None:
    """Raise whatever a generator says to a state that is none, without a change to those that are drawn from."""
    version, internal, gauss = state["python"]
    random.Random().setstate((version, tuple(internal), gauss))
    kind, keys, position, has_gauss, cached = state["numpy"]
    np.random.RandomState().set_state((kind, np.asarray(keys, dtype=np.uint32), position, has_gauss, cached))
    torch.Generator().set_state(state["torch"].cpu())


def _device_state(device: torch.device) -> torch.Tensor | None:
    if device.type == "cuda":
        return torch.cuda.get_rng_state(device)
    return torch.mps.get_rng_state() if device.type == "mps" else None
