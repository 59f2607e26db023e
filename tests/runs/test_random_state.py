"""Every generator that training draws from goes on where it was, from plain values."""

import random
from pathlib import Path

import numpy as np
import torch

from attnlab.runs.random_state import random_state, set_random_state

CPU = torch.device("cpu")


def _draws() -> list[float]:
    """Odd numbers of normal draws, which the generators make in pairs and keep the second of."""
    return [random.gauss(0, 1), random.random(), np.random.randn(), np.random.rand(), float(torch.randn(()))]


def test_all_generators_go_on_where_they_were(tmp_path: Path) -> None:
    for generator in (random.seed, np.random.seed, torch.manual_seed):
        generator(11)
    _draws()
    torch.save(random_state(CPU), tmp_path / "state")
    expected = _draws()
    assert all(abs(one - other) > 1e-9 for one, other in zip(expected, _draws(), strict=True))
    set_random_state(torch.load(tmp_path / "state", weights_only=True), CPU)
    assert _draws() == expected
