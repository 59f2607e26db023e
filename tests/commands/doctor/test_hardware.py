"""What the doctor finds of cores, memory, threads and torch."""

import os
import sys

import pytest

from attnlab.commands.doctor import hardware
from attnlab.launch.resources import memory_bytes


def test_without_torch_there_is_no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    (check,) = hardware.torch()
    assert (check.name, check.status) == ("torch", "fail")
    assert "requirements.lock" in check.remedy


@pytest.mark.parametrize(
    "value, status", [(None, "ok"), ("1", "ok"), ("3", "ok"), ("4", "warn"), ("0", "warn"), ("many", "warn")]
)
def test_thread_counts_are_held_against_the_usable_cores(
    value: str | None, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "usable_cores", lambda: 3)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if value is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", value)
    (check,) = hardware.threads()
    assert check.status == status


def test_cores_and_memory_are_within_the_machine() -> None:
    assert 1 <= hardware.usable_cores() <= (os.cpu_count() or 1)
    assert memory_bytes() > 2**28
