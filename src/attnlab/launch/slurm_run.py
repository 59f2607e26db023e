"""One run in a job of SLURM, and what it leaves on record: that it has begun, and how it ended."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from attnlab.files import write_text
from attnlab.launch.ending import Ended
from attnlab.launch.place import rank
from attnlab.launch.worker import print_to
from attnlab.reading.bounds import read_json

RUNNING = "running"


class Told(NamedTuple):
    """What a job has on record: how its run ended, None while it runs, and the seconds that it took or has taken."""

    ended: Ended | None
    seconds: float


class SlurmRun:
    """What a job does, in each of its processes; SLURM may put the job back in the queue, and it is called again.

    Args:
        train: the run, picklable.
        again: the same in a later process, which goes on from where the one before was stopped.
        log: the file that what its first process prints is added to.
        record: the file that says what became of it.
    """

    def __init__(self, train: Callable[[], Ended], *, again: Callable[[], Ended], log: Path, record: Path) -> None:
        self.train, self.again, self.log, self.record = train, again, log, record

    def __call__(self) -> None:
        """Train; a signal that stops it leaves no word of an end."""
        if rank() != 0:
            self.train()
            return
        train = self.train if told(self.record) is None else self.again
        began = time.time()
        self._write({"status": RUNNING}, began=began)
        print_to(self.log)
        self._write(train()._asdict(), began=began)

    def checkpoint(self) -> Any:
        """What submitit runs when the job comes back."""
        import submitit

        return submitit.helpers.DelayedSubmission(self)

    def _write(self, said: dict[str, Any], *, began: float) -> None:
        times = {"began": began, "seconds": time.time() - began}
        write_text(self.record, json.dumps(said | times, ensure_ascii=False) + "\n")


def told(record: Path) -> Told | None:
    """What a job has on record; None where it hasn't begun."""
    try:
        said = read_json(record)
    except FileNotFoundError:
        return None
    if said["status"] == RUNNING:
        return Told(None, max(0.0, time.time() - said["began"]))
    return Told(Ended(said["status"], said["score"], said["error"]), said["seconds"])
