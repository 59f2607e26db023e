"""What a machine can do to a process: disks without room or that can't be written, memory that gives out, signals."""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(path: Path, *, kib: int) -> Iterator[Path]:
    """A disk of so many KiB, at a new folder."""
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(path)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs root, who may mount a small disk")
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def fill(disk: Path, *, but: int = 0) -> Path:
    """Leave no more than `but` bytes on a disk; the file that takes the others."""
    taken = disk / "taken"
    with taken.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            os.truncate(taken, max(0, file.tell() - but))
    return taken


@contextmanager
def unwritable(*folders: Path) -> Iterator[None]:
    """Nothing can be made, renamed or removed in these folders, by root neither."""
    command = [*map(str, folders)]
    if os.geteuid() or subprocess.run(["chattr", "+i", *command], capture_output=True, check=False).returncode:
        pytest.skip("needs root, and a file system whose folders can be made immutable")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", *command], check=True)


def leave_memory(pid: int, *, mib: float) -> None:
    """Let a process have so much more memory than it has now."""
    (line,) = [each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if each.startswith("VmSize")]
    limit = int(line.split()[1]) * 1024 + int(mib * 2**20)
    resource.prlimit(pid, resource.RLIMIT_AS, (limit, limit))


def children(pid: int, name: str = "") -> list[int]:
    """The processes that a process has started, whose name has this in it, in the order of their numbers."""
    found = [int(each) for path in Path(f"/proc/{pid}/task").glob("*/children") for each in path.read_text().split()]
    return sorted(each for each in found if name in Path(f"/proc/{each}/comm").read_text())


def last_line(folder: Path) -> str:
    """What a command that a fork server started said last, without a traceback."""
    output = (folder / "output.txt").read_text()
    assert "Traceback" not in output, output
    return output.splitlines()[-1]
