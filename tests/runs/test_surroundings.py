"""Where a run was computed, and by which checkout."""

import hashlib
import subprocess
from pathlib import Path

import pytest
import torch

from attnlab.runs import surroundings
from attnlab.runs.surroundings import git_commit, hardware, lock_hash

ROOT = Path(__file__).parents[2]


def test_the_machine_has_a_processor_and_cores() -> None:
    found = hardware(torch.device("cpu"))
    assert found["device"] == "cpu"
    assert found["cpu"]
    assert int(found["cores"]) >= 1


def test_the_lock_is_the_checkouts_own() -> None:
    assert lock_hash() == hashlib.sha256((ROOT / "requirements.lock").read_bytes()).hexdigest()


def test_an_installed_wheel_has_neither_commit_nor_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "__file__", str(tmp_path / "lib" / "python" / "attnlab" / "runs" / "here.py"))
    assert git_commit() is None
    assert lock_hash() is None


def test_without_git_the_commit_isnt_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise FileNotFoundError("git")

    monkeypatch.setattr(subprocess, "run", missing)
    assert git_commit() is None
