"""The further processes of a run that Lightning starts: what becomes of the first when one of them is gone."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from lightning.fabric.utilities.distributed import _set_num_threads_if_needed
from lightning.pytorch import Trainer
from lightning.pytorch.strategies.launchers import _SubprocessScriptLauncher

from attnlab.reading.shown import tell

FAILED, INTERRUPTED = 1, 130  # exit statuses
LOOK_SECONDS = 1.0
# For the first to meet with it itself, where processes speak to each other, and to say so; NCCL waits ten minutes.
GRACE_SECONDS = 60.0


def watch_children(trainer: Trainer) -> None:
    """Have this process end, with a line, after one that it started has failed.

    Lightning's own watch kills it within five seconds, without a word: in the midst of a checkpoint, say, or of ending
    its loggers after Ctrl-C, which has ended the others already.
    """
    launcher = trainer.strategy.launcher
    if not isinstance(launcher, _SubprocessScriptLauncher):
        return

    def launch(function: Callable[..., Any], *args: Any, trainer: Trainer | None = None, **arguments: Any) -> Any:
        environment = launcher.cluster_environment
        environment.validate_settings(num_devices=launcher.num_processes, num_nodes=launcher.num_nodes)
        if not environment.creates_processes_externally:
            launcher._call_children_scripts()
            threading.Thread(target=_watch, args=(launcher.procs,), daemon=True).start()
        _set_num_threads_if_needed(num_processes=launcher.num_processes)
        return function(*args, **arguments)

    launcher.launch = launch  # type: ignore[method-assign]  # of this one alone


def _watch(children: Sequence["subprocess.Popen[bytes]"]) -> None:
    while (failed := _failed(children)) is None:
        if all(child.poll() is not None for child in children):
            return
        time.sleep(LOOK_SECONDS)
    time.sleep(GRACE_SECONDS)
    for child in children:
        child.kill()
    how = f"ended with exit status {failed}" if failed > 0 else f"was killed by {signal.Signals(-failed).name}"
    tell(
        f"error: the processes of a run must live, got one that {how} (see what it said last; the same command goes on "
        "from the last checkpoint, if there is one)"
    )
    os._exit(FAILED)


def _failed(children: Sequence["subprocess.Popen[bytes]"]) -> int | None:
    """The exit status of one that has failed; one that was interrupted has said so to all."""
    statuses = [child.poll() for child in children]
    return next((each for each in statuses if each not in (None, 0, INTERRUPTED)), None)
