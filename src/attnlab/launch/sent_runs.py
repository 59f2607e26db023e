"""Which job of SLURM does a run, on record: a command that was killed finds the jobs that it has sent."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from attnlab.errors import UserError
from attnlab.files import in_turn, write_text
from attnlab.launch.slurm_queue import Queued
from attnlab.reading.bounds import read_json


@dataclass(frozen=True)
class Sent:
    """A run that was sent.

    Attributes:
        batch: the folder of the jobs that were sent with it, which holds their scripts and records.
        index: its number among them.
        job: as SLURM names it; None where the command was killed while it sent it.
    """

    batch: Path
    index: int
    job: str | None

    @property
    def record(self) -> Path:
        """What the job says of itself."""
        return self.batch / f"{self.index}.json"

    @property
    def output(self) -> Path:
        """What SLURM says of it, and what the job prints before it has begun."""
        return self.batch if self.job is None else self.batch / f"{self.job}_0_log.err"

    def among(self, queue: Mapping[str, Queued]) -> tuple[str, Queued] | None:
        """The job's name and what SLURM says of it; by its script where the name isn't on record."""
        if self.job is not None:
            return (self.job, queue[self.job]) if self.job in queue else None
        for name, queued in queue.items():
            if queued.script.parent == self.batch and int(name.partition("_")[2] or 0) == self.index:
                return name, queued
        return None


class SentRuns:
    """A file for each run, by its folder. Several studies may ask for the same run: one job does it.

    Args:
        folder: of the files.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else sends meanwhile."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with in_turn(self.folder / "sending"):
            yield

    def of(self, run: Path) -> Sent | None:
        """Who does the run in that folder; None where nobody was asked, or its end has been told.

        Raises:
            UserError: the file is damaged.
        """
        path = self._path(run)
        try:
            found = read_json(path)
            job = found["job"]
            return Sent(Path(found["batch"]), int(found["index"]), None if job is None else str(job))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"this record of a job is damaged, got {path} (delete it once squeue --me shows no job of {run})"
            ) from error

    def note(self, run: Path, sent: Sent) -> None:
        """Put it on record."""
        said = {"run": str(run), "batch": str(sent.batch), "index": sent.index, "job": sent.job}
        write_text(self._path(run), json.dumps(said, ensure_ascii=False) + "\n")

    def forget(self, run: Path, sent: Sent) -> None:
        """Its end has been told; nothing changes where another job has the run by now."""
        found = self.of(run)
        if found is not None and (found.batch, found.index) == (sent.batch, sent.index):
            self._path(run).unlink(missing_ok=True)

    def _path(self, run: Path) -> Path:
        place = str(run.absolute())
        return self.folder / f"{run.name}-{hashlib.sha256(place.encode()).hexdigest()[:8]}.json"
