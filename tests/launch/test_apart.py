"""A computation in a process of its own."""

import os
import signal

import pytest

from attnlab.errors import UserError
from attnlab.launch.apart import apart


def test_it_returns_what_was_computed_elsewhere() -> None:
    number, where = apart(lambda: (7, os.getpid()))
    assert number == 7
    assert where != os.getpid()


def test_more_than_a_pipe_holds_comes_whole() -> None:
    assert len(apart(lambda: "x" * 1_000_000)) == 1_000_000


def _mistake() -> None:
    raise UserError("seeds must be 1 or more, got 0 (set seeds)")


def test_a_mistake_is_the_same_mistake() -> None:
    with pytest.raises(UserError, match=r"got 0 \(set seeds\)"):
        apart(_mistake)


def test_another_failure_is_told_of(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError, match="exit status 1"):
        apart(lambda: 1 // 0)
    assert "ZeroDivisionError" in capfd.readouterr().err
    with pytest.raises(RuntimeError, match="exit status -9"):
        apart(lambda: os.kill(os.getpid(), signal.SIGKILL))


def test_an_interrupt_there_is_one_here() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    try:
        with pytest.raises(KeyboardInterrupt):
            apart(lambda: os.kill(os.getpid(), signal.SIGINT))
    finally:
        signal.signal(signal.SIGINT, before)
