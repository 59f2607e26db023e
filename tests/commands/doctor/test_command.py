"""`attnlab doctor`: true of the machine it stands on, quick, and never stopped by what it finds."""

import json
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from attnlab.commands.doctor import hardware, installed, run, surroundings
from attnlab.commands.doctor.check import Check
from attnlab.commands.doctor.command import guarded, render
from attnlab.errors import UserError

NAMES = ["python", "requirements", "lock", "platform", "cpu", "memory", "torch", "device", "precision", "threads"]
NAMES += ["slurm", "wandb", "bytecode", "outputs", "disk"]


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


@pytest.mark.usefixtures("_no_network")
def test_this_machine_is_examined_without_the_network(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status = run(["--json"])
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert set(NAMES) <= {check["name"] for check in found["checks"]}
    for check in found["checks"]:
        assert check["detail"]
        assert bool(check["remedy"]) == (check["status"] != "ok"), check
        assert "can't be checked" not in check["detail"]
        assert "\n" not in check["detail"] + check["remedy"]
    assert found["healthy"] == all(check["status"] != "fail" for check in found["checks"])
    assert status == (0 if found["healthy"] else 1)
    assert not list(tmp_path.iterdir()), "nothing is left behind"


def test_the_text_has_a_line_for_each_check_its_remedy_below_it_and_a_count() -> None:
    text = render(
        [Check("cpu", "ok", "two cores"), Check("memory", "warn", "little", "buy some"), Check("x", "fail", "no")]
    )
    assert text.splitlines() == [
        "ok    cpu     two cores",
        "warn  memory  little",
        "              -> buy some",
        "fail  x       no",
        "",
        "1 ok, 1 warn, 1 fail",
    ]


def test_what_would_stop_training_exits_with_1(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "outputs").write_text("a file where a folder should be")
    assert run(["--json"]) == 1
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert checks["outputs"]["status"] == "fail"
    assert "output_root" in checks["outputs"]["remedy"]


def test_a_folder_that_isnt_there_yet_is_not_made(tmp_path: Path) -> None:
    outputs, disk = surroundings.outputs(tmp_path / "a" / "b")
    assert (outputs.status, disk.name) == ("ok", "disk")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("free, status", [(0.1, "fail"), (1.0, "warn"), (50.0, "ok")])
def test_a_full_disk_is_noticed(free: float, status: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": free * 2**30})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    assert [check.status for check in surroundings.outputs(tmp_path)] == ["ok", status]


def test_packages_are_compared_with_the_lock_where_its_markers_hold(tmp_path: Path) -> None:
    path = tmp_path / "requirements.lock"
    numpy = metadata.version("numpy")
    lines = [
        "# made by a tool",
        f"numpy=={numpy} ; python_version >= '3' \\",
        "    --hash=sha256:0123",
        "torch==0.0.1 ; python_version < '3' \\",
        "    --hash=sha256:0123",
    ]
    path.write_text("\n".join(lines))
    assert installed.compare_with_lock(path) == Check("lock", "ok", "all 1 packages are as in requirements.lock")
    path.write_text("\n".join([*lines, "hydra-core==0.0.1 \\", "    --hash=sha256:45", "no-such-package==1.0"]))
    check = installed.compare_with_lock(path)
    assert check.status == "warn"
    assert check.detail.startswith("2 of 3 packages aren't as in requirements.lock: ")
    assert f"hydra-core is {metadata.version('hydra-core')}, not ==0.0.1" in check.detail
    assert "no-such-package is missing" in check.detail
    assert "pip install" in check.remedy


def test_a_build_of_the_locked_version_is_that_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "requirements.lock"
    path.write_text("torch==2.14.1")
    monkeypatch.setattr(metadata, "version", lambda _: "2.14.1+cu130")
    assert installed.compare_with_lock(path).status == "ok"


def test_a_python_that_isnt_supported_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "metadata", lambda _: {"Requires-Python": ">=3.11,<3.14"})
    for version, status in (("3.10.9", "fail"), ("3.11.0", "ok"), ("3.13.2", "ok"), ("3.14.0", "fail")):
        monkeypatch.setattr("platform.python_version", lambda version=version: version)
        (check,) = installed.python()
        assert check.status == status, version


def test_a_missing_requirement_fails_and_that_of_an_extra_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "metadata", lambda _: {"Requires-Python": ""})
    monkeypatch.setattr(metadata, "requires", lambda _: ["numpy>=1", "no-such-package ; extra == 'dev'"])
    assert [check.status for check in installed.requirements()] == ["ok"]
    monkeypatch.setattr(metadata, "requires", lambda _: ["numpy<1", "no-such-package"])
    (check,) = installed.requirements()
    assert check.status == "fail"
    assert check.detail == f"numpy is {metadata.version('numpy')}, not <1; no-such-package is missing"


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
    assert "timed out" in check.detail or "exits with 3: no controller" in check.detail


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


@pytest.mark.parametrize("off, status", [(True, "warn"), (False, "ok")])
def test_slow_starts_have_a_cause(off: bool, status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", off)
    (check,) = surroundings.bytecode()
    assert check.status == status


def test_a_check_that_breaks_is_one_line_more_and_keeps_what_it_found() -> None:
    def look() -> Iterator[Check]:
        yield Check("gpu", "ok", "one")
        raise RuntimeError("driver\n  gone")

    found = guarded("gpu", look)
    assert found[0] == Check("gpu", "ok", "one")
    assert (found[1].status, found[1].detail) == ("warn", "can't be checked: driver gone")


def test_cores_and_memory_are_within_the_machine() -> None:
    assert 1 <= hardware.usable_cores() <= (os.cpu_count() or 1)
    assert hardware.memory_bytes() > 2**28


def test_an_unknown_option_is_the_users_mistake() -> None:
    with pytest.raises(UserError, match="got 'task=ner'"):
        run(["task=ner"])
    with pytest.raises(UserError, match="--outputs"):
        run(["--outputs"])
