"""How a run leaves a SLURM job that is about to end, so that SLURM starts it again."""

import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

from attnlab.launch.place import rank
from attnlab.launch.stop import StopFlag, Wish

log = logging.getLogger(__name__)

# Longer than any usual KillWait or GraceTime; the job is killed before, unless the signal didn't come from SLURM.
PATIENCE_SECONDS = 600


def leave(flag: StopFlag, wish: Wish) -> None:
    """Do what `wish` asks of SLURM; every process calls this once its checkpoint is written.

    REQUEUE: put the job back in the queue, through submitit where that runs this process. AWAIT_END: nothing, because
    SIGTERM comes with preemption, after which SLURM itself requeues a job that is still there when its time of grace
    is over, and with scancel, after which nobody wants it back. In both cases wait for the end: the first of several
    processes to exit would have the job taken for failed.
    """
    if wish < Wish.AWAIT_END:
        return
    if wish is Wish.REQUEUE:
        if (handler := _submitits(flag)) is not None:
            if not _put_back_by(handler):
                return
        elif rank() == 0 and not _requeue():
            return
    else:
        log.warning("SLURM is about to end this job: the checkpoint is written")
    waited_from = time.monotonic()
    while time.monotonic() - waited_from < PATIENCE_SECONDS:
        if wish is Wish.REQUEUE and flag.terminated:
            return
        time.sleep(0.1)


def _submitits(flag: StopFlag) -> Callable[[int, None], object] | None:
    """The handler that submitit had set, which requeues the job and ends this process."""
    handlers: list[Any] = [flag.before.get(number) for number in (signal.SIGUSR2, signal.SIGUSR1)]
    return next((handler for handler in handlers if callable(handler)), None)


def _put_back_by(handler: Callable[[int, None], object]) -> bool:
    """Whether submitit's handler has put the job back; in the first process it doesn't return if it has."""
    try:
        handler(signal.SIGUSR2, None)
    except subprocess.CalledProcessError as error:
        if error.returncode > 0:
            log.warning("the job can't be put back in the queue: %s", error)
            return False
        # The job is on its way back, and SLURM has ended this scontrol as one of its processes.
    except (OSError, subprocess.TimeoutExpired) as error:
        log.warning("the job can't be put back in the queue: %s", error)
        return False
    return True


def job_id() -> str:
    """As scontrol takes it: one task of an array has the array's number and its own."""
    if "SLURM_ARRAY_JOB_ID" in os.environ:
        return f"{os.environ['SLURM_ARRAY_JOB_ID']}_{os.environ['SLURM_ARRAY_TASK_ID']}"
    return os.environ["SLURM_JOB_ID"]


def _requeue() -> bool:
    log.warning("putting job %s back in the queue, to go on from here", job_id())
    # SLURM signals every process of a job's step, scontrol as well.
    command = ["sh", "-c", 'trap "" USR1 USR2 TERM; exec scontrol requeue "$1"', "-", job_id()]
    for _ in range(5):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            log.warning("job %s can't be put back in the queue: %s", job_id(), error)
            return False
        if done.returncode >= 0:  # else a signal came before the trap
            break
    if done.returncode:
        log.warning("job %s can't be put back in the queue: %s", job_id(), " ".join(done.stderr.split()))
    return done.returncode == 0
