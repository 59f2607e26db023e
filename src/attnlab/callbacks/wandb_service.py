"""What is asked of wandb's own process, which may hang, and then is ended."""

import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

FAREWELL = 5.0  # seconds for what is left once the process is gone


class NoAnswer(Exception):
    """wandb took too long."""


def within(seconds: float, action: Callable[[], T]) -> T:
    """What `action` gives, which is done by a thread that nobody waits for any longer than that.

    Raises:
        NoAnswer: it isn't done yet; wandb's process is killed, or the interpreter would wait for it at its end.
    """
    try:
        return _in_a_thread(action, seconds)
    except NoAnswer:
        _end_service()
        raise


def _in_a_thread(action: Callable[[], T], seconds: float) -> T:
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(action())
        except BaseException as error:  # for the thread that asked
            done.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    if not wait([done], timeout=seconds).done:
        raise NoAnswer(f"no answer within {seconds:g} s (see logger.wandb.timeout)")
    return done.result()


def _end_service() -> None:
    """Kill wandb's process, and have wandb forget it; what it has written stays."""
    import wandb
    from wandb.sdk import wandb_setup

    connection: Any = wandb_setup.singleton()._connection
    if connection is not None and connection._proc is not None:
        service: subprocess.Popen[bytes] = connection._proc._process
        service.kill()
        with suppress(subprocess.TimeoutExpired):
            service.wait(FAREWELL)
    with suppress(BaseException):  # SystemExit, too: with the status of what was killed
        _in_a_thread(wandb.teardown, FAREWELL)
