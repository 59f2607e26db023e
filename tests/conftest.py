"""What all tests share."""

import os
from pathlib import Path

import pytest

# Before anything imports torch: two tests at once on few cores are slower with more threads each.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["WANDB_MODE"] = "offline"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test runs in a folder of its own, so that `outputs/` and caches never leak between tests."""
    monkeypatch.chdir(tmp_path)
