"""What the doctor finds around: SLURM, wandb, the disk, how Python starts."""

import re
import shutil
import socket
import sys
import time
from pathlib import Path

import pytest

from attnlab.commands.doctor import surroundings


@pytest.fixture
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the doctor used the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder that is searched for programs, whatever SLURM this machine has."""
    folder = tmp_path / "bin"
    folder.mkdir()
    sleep = shutil.which("sleep")
    assert sleep is not None
    (folder / "sleep").symlink_to(sleep)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    return folder


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_folder_that_isnt_there_yet_is_not_made(tmp_path: Path) -> None:
    outputs, disk = surroundings.outputs(tmp_path / "a" / "b")
    assert (outputs.status, disk.name) == ("ok", "disk")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("free, status", [(0.1, "fail"), (1.0, "warn"), (50.0, "ok")])
def test_a_full_disk_is_noticed(free: float, status: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": free * 2**30})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    assert [check.status for check in surroundings.outputs(tmp_path)] == ["ok", status]


def test_a_machine_without_slurm_is_fine(programs: Path) -> None:
    (check,) = surroundings.slurm()
    assert check.status == "ok"
    assert "not on this machine" in check.detail


def test_a_cluster_names_its_slurm_and_the_job(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(programs / "srun", "echo slurm 23.11.4")
    (check,) = surroundings.slurm()
    assert (check.status, check.detail) == ("warn", "sbatch isn't on PATH; not inside a job")
    program(programs / "sbatch", "exit 0")
    monkeypatch.setenv("SLURM_JOB_ID", "4711")
    (check,) = surroundings.slurm()
    assert (check.status, check.detail) == ("ok", "slurm 23.11.4; inside job 4711")


@pytest.mark.parametrize("script", ["sleep 97 & wait", "echo no controller >&2; exit 3"])
def test_a_slurm_that_hangs_or_fails_is_one_warning(
    script: str, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(programs / "srun", script)
    program(programs / "sbatch", "exit 0")
    monkeypatch.setattr(surroundings, "ANSWER_SECONDS", 0.3)
    start = time.monotonic()
    (check,) = surroundings.slurm()
    assert time.monotonic() - start < 20
    assert check.status == "warn"
    assert "srun" in check.detail
    told = "it gives no answer in 0.3 seconds" if "sleep" in script else "it says 'no controller'"
    assert check.detail.endswith(f"not inside a job: {told}")
    in_chinese = check.said("zh")[0].replace("srun", "").replace("no controller", "")
    assert not re.search("[a-z]", in_chinese)


@pytest.mark.usefixtures("_no_network")
def test_a_wandb_key_is_seen_and_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("WANDB_MODE", raising=False)
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.delenv("NETRC", raising=False)
    (check,) = surroundings.wandb()
    assert "not logged in" in check.detail
    assert "mode offline" in check.detail
    monkeypatch.setenv("WANDB_API_KEY", "k" * 40)
    (check,) = surroundings.wandb()
    assert ", logged in; mode online" in check.detail
    assert "kkk" not in check.detail
    monkeypatch.setenv("WANDB_BASE_URL", "banana")
    (check,) = surroundings.wandb()
    assert check.status == "warn"
    assert "it can't be told WANDB_BASE_URL=banana" in check.detail


@pytest.mark.parametrize("off, status", [(True, "warn"), (False, "ok")])
def test_slow_starts_have_a_cause(off: bool, status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", off)
    (check,) = surroundings.bytecode()
    assert check.status == status
