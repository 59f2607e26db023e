"""Signals raise a flag that training agrees on; what becomes of a job is SLURM's own doing."""

import os
import signal
import subprocess
import sys

import pytest

from attnlab.launch import stop
from attnlab.launch.stop import Wish

SLURM = {"SLURM_JOB_ID": "7", "SLURM_JOB_NAME": "attnlab"}


@pytest.fixture(autouse=True)
def _outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("SLURM_")] + ["RANK", "LOCAL_RANK", "NODE_RANK"]:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "environment, number, wish",
    [
        ({}, signal.SIGTERM, Wish.STOP),
        ({}, signal.SIGUSR1, Wish.STOP),
        ({}, signal.SIGHUP, Wish.STOP),
        (SLURM, signal.SIGHUP, Wish.STOP),
        (SLURM, signal.SIGINT, Wish.STOP),
        (SLURM, signal.SIGTERM, Wish.AWAIT_END),
        (SLURM, signal.SIGUSR1, Wish.REQUEUE),
        (SLURM, signal.SIGUSR2, Wish.REQUEUE),
        (SLURM | {"SLURM_JOB_NAME": "interactive"}, signal.SIGUSR1, Wish.STOP),
    ],
)
def test_a_signal_means_what_its_sender_wants(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], number: signal.Signals, wish: Wish
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    before = signal.getsignal(number)
    with stop.listening(stop.ALL) as flag:
        assert flag.wish is Wish.GO_ON
        os.kill(os.getpid(), number)
        assert flag.wish is wish
        os.kill(os.getpid(), signal.SIGTERM)  # never takes a stronger wish back
        assert flag.wish >= wish
    assert signal.getsignal(number) is before


def test_a_run_that_nohup_started_outlives_its_terminal() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop.listening(stop.ALL) as flag:
            os.kill(os.getpid(), signal.SIGHUP)
            assert flag.wish is Wish.GO_ON
    finally:
        signal.signal(signal.SIGHUP, before)


def test_what_is_printed_after_the_terminals_end_goes_nowhere() -> None:
    """A write to a terminal that has gone is an error, which would come before the checkpoint."""
    script = (
        "import os, pty, signal\nfrom attnlab.launch import stop\n"
        "leader, follower = pty.openpty()\nos.dup2(follower, 1)\nos.dup2(follower, 2)\n"
        "with stop.listening(stop.ALL) as flag:\n"
        "    os.close(leader); os.kill(os.getpid(), signal.SIGHUP)\n"
        "    print('x' * 10, flush=True)\n"
        "os._exit(int(flag.wish))\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == Wish.STOP


def test_the_second_ctrl_c_aborts() -> None:
    with stop.listening(stop.ALL):
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_who_listens_within_hears_what_came_before() -> None:
    """As training, within a command that has listened since before its imports."""
    with stop.listening([signal.SIGTERM]) as outer:
        os.kill(os.getpid(), signal.SIGTERM)
        with stop.listening(stop.ALL) as inner:
            assert inner.wish is Wish.STOP
        assert signal.getsignal(signal.SIGTERM) == outer.receive
        assert signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL
    with stop.listening(stop.ALL) as later:
        assert later.wish is Wish.GO_ON


def test_the_command_itself_survives_signals_from_its_first_import_to_its_end() -> None:
    """Under SLURM, in a process of its own: the help says its piece and the status is 0."""
    code = (
        "import os, signal, sys; sys.argv = ['attnlab', 'train', '--help']; import attnlab.commands.cli as cli\n"
        "real = cli._main\n"
        "cli._main = lambda arguments: (os.kill(os.getpid(), signal.SIGUSR1), real(arguments))[1]\n"
        "status = cli.main(); os.kill(os.getpid(), signal.SIGUSR1); os.kill(os.getpid(), signal.SIGTERM)\n"
        "sys.exit(status)"
    )
    environment = {**os.environ, **SLURM}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "usage: attnlab train" in done.stdout
