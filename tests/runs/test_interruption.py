"""A signal ends the wait for a run's other processes, which may never come."""

import signal
import socket
import sys
import time
from pathlib import Path

import pytest
from fork_server import Attempt, ForkServer
from tiny import tiny, write_corpus

from attnlab.runs.interruption import interrupts_are_raised


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _until_it_waits(attempt: Attempt, port: int, folder: Path) -> None:
    end = time.monotonic() + 120
    while True:
        with socket.socket() as ours:
            if ours.connect_ex(("127.0.0.1", port)) == 0:
                return
        output = folder / "output.txt"
        assert attempt.poll() is None, output.read_text()
        assert time.monotonic() < end, output.read_text()
        time.sleep(0.02)


def test_a_signal_ends_the_wait_for_processes_that_never_come(server: ForkServer, tmp_path: Path) -> None:
    """Whether a launcher starts the processes, or Lightning does."""
    command = tiny(write_corpus(tmp_path / "corpus"), "output_dir=run", "trainer.accelerator=cpu", "logger=csv")
    launcher = {"LOCAL_RANK": "0", "NODE_RANK": "0", "WORLD_SIZE": "2"}
    waiting = []
    for number, environment, more in (
        (signal.SIGTERM, launcher, ["trainer.devices=2"]),
        (signal.SIGINT, {"NODE_RANK": "0"}, ["trainer.num_nodes=2"]),
    ):
        folder, port = tmp_path / number.name, _free_port()
        folder.mkdir()
        address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
        waiting.append((number, folder, port, server.start([*command, *more], folder, environment | address)))
    for number, folder, port, attempt in waiting:
        _until_it_waits(attempt, port, folder)
        attempt.kill(number)
        status = attempt.wait(30)
        output = (folder / "output.txt").read_text()
        assert status == 130, output
        assert output.splitlines()[-1] == "interrupted after update 0; the same command continues it"
        assert "Traceback" not in output
        assert not list(folder.glob("run/checkpoints/*"))


def _exit_as_lightning() -> None:
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt:
        sys.exit(1)


def test_a_second_ctrl_c_is_told_from_an_exit() -> None:
    with pytest.raises(KeyboardInterrupt), interrupts_are_raised():
        _exit_as_lightning()
    with pytest.raises(SystemExit), interrupts_are_raised():
        sys.exit(1)
