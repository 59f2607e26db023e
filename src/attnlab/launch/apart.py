"""A computation in a process of its own, so that this one has computed nothing and may be forked again."""

import multiprocessing
import os
import pickle
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

from attnlab.errors import UserError
from attnlab.launch.worker import end_with_parent

Found = TypeVar("Found")


def apart(compute: Callable[[], Found]) -> Found:
    """What `compute` returns, which must be picklable; its threads, and what it has of CUDA, end with its process.

    Raises:
        UserError: as `compute` does.
        RuntimeError: it failed otherwise; the traceback is printed.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():
        # NumPy's threads, which end before a fork.
        warnings.filterwarnings("ignore", message=".*multi-threaded.*", category=DeprecationWarning)
        process = context.Process(target=_send, args=(compute, sender, os.getpid()))
        process.start()
    sender.close()
    try:
        mistake, found = receiver.recv()
    except EOFError as error:
        process.join()
        if process.exitcode == -signal.SIGINT:
            raise KeyboardInterrupt from error
        raise RuntimeError(f"a process of its own ended with exit status {process.exitcode}") from error
    except KeyboardInterrupt:
        process.join()  # the terminal tells it as well
        raise
    process.join()
    if mistake is not None:
        raise UserError(mistake)
    result: Found = pickle.loads(found)
    return result


def _send(compute: Callable[[], object], sender: Connection, parent: int) -> None:
    """In the new process."""
    end_with_parent()
    if os.getppid() != parent:
        return
    try:
        said: tuple[str | None, bytes] = (None, pickle.dumps(compute()))
    except UserError as error:
        said = str(error), b""
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.raise_signal(signal.SIGINT)
        return
    except Exception:
        traceback.print_exc()
        sys.exit(1)
    sender.send(said)
