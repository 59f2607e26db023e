"""How a study's runs ended, a file each in its folder, named as the run's folder is: by what the run computes.

That a run finished is told by its own folder; here is what that can't tell: that it failed, and why.
"""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.files import write_text
from attnlab.launch.ending import Ended
from attnlab.reading.bounds import read_json
from attnlab.runs import own_code, run_folder
from attnlab.study.records import read_records

if TYPE_CHECKING:  # it brings torch, which telling how runs ended does without
    from attnlab.study.plan import Job

MOST_DEATHS = 3  # what was killed so often from outside failed
FAILURES = ("failed", "diverged")  # others are a user's mistake or the machine's fault, or were stopped
DIED = "died"
TRIED_AGAIN = "tried again"
SHORT = 12  # digits of a checksum
LATE_SECONDS, PAUSE_SECONDS = 120.0, 1.0


class State(NamedTuple):
    """How a run ended that didn't finish, and how often it has died."""

    status: str
    error: str | None
    deaths: int = 0

    @property
    def failed(self) -> bool:
        """Whether that is its result."""
        return self.status in FAILURES or self.deaths >= MOST_DEATHS


def read_state(path: Path) -> State | None:
    """What such a file says; None where there is none.

    Raises:
        UserError: it is damaged.
    """
    try:
        found = read_json(path)
        error = found["error"]
        return State(str(found["status"]), None if error is None else str(error), int(found["deaths"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, OSError, OverflowError, RecursionError) as error:
        raise UserError(f"this file of a study is damaged, got {path} (delete it; the run is done again)") from error


class JobStates:
    """The files of one study.

    Args:
        folder: the study's.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "jobs"

    def of(self, job: "Job") -> State | None:
        """What is on record of a run; None where nothing is.

        Raises:
            UserError: the file is damaged.
        """
        return read_state(self._path(job))

    def failure(self, job: "Job") -> State | None:
        """How it failed, if that is its result."""
        state = self.of(job)
        return state if state is not None and state.failed else None

    def record(self, job: "Job", ended: Ended) -> None:
        """Note that a run failed or died; one that finished says so itself, and nothing else is a result."""
        if ended.status not in (*FAILURES, DIED):
            return
        before = self.of(job)
        deaths = (0 if before is None else before.deaths) + (ended.status == DIED)
        said: dict[str, Any] = {"arm": job.arm, "seed": job.seed, "folder": str(job.folder)}
        said |= State(ended.status, ended.error, deaths)._asdict()
        write_text(self._path(job), json.dumps(said, ensure_ascii=False, indent=1) + "\n")

    def forget(self, job: "Job") -> None:
        """Let a run that failed be tried again; that it failed stays on record."""
        try:
            before = self.failure(job)
        except UserError:  # damaged
            before = None
        if before is None:
            self._path(job).unlink(missing_ok=True)
            return
        said: dict[str, Any] = {"arm": job.arm, "seed": job.seed, "folder": str(job.folder)}
        error = before.status if before.error is None else f"{before.status}: {before.error}"
        said |= State(TRIED_AGAIN, error)._asdict()
        write_text(self._path(job), json.dumps(said, ensure_ascii=False, indent=1) + "\n")

    def tried_again(self, job: "Job") -> str | None:
        """How a run failed that was forgotten and finished then."""
        state = self.of(job) if is_finished(job) else None
        return state.error if state is not None and state.status == TRIED_AGAIN else None

    def _path(self, job: "Job") -> Path:
        return self.folder / f"{job.folder.name}.json"


def damage(job: "Job", metric: str | None, *, checksum: str | None = None) -> str | None:
    """Why a run can't be gone on with, or one that says it is finished can't be taken at its word; None if it can.

    `metric`: of the test, which its records must give; None for a trial, which has no test. `checksum`: of the data as
    it is now; None where nobody knows.

    Raises:
        UserError: its folder holds a run of another configuration, or of other code of the user's own.
    """
    try:
        run_folder.check_same_config(job.folder, job.config)
    except run_folder.Damaged as error:
        return str(error)
    if run_folder.has_nothing(job.folder):
        return None
    own_code.check_same_code(job.folder, instead="put that folder aside, and the study trains it anew")
    if not is_finished(job):
        return None
    try:
        results = run_folder.finished(job.folder)
        number = None if results is None else identity.results_of(results)
        if number != identity.RESULTS:
            return f"it is of results {number}, and this version computes results {identity.RESULTS}"
        if results is not None and results.get("seed") != job.seed:
            return f"metrics.json is of seed {results.get('seed')}"
        if (then := _checksum(results)) is not None and checksum is not None and then != checksum:
            return f"its data had the checksum {then[:SHORT]}, and it is {checksum[:SHORT]} now"
        if metric is not None and metric in (records := read_records(job.folder)).scores:
            records.scorer(metric)
    except UserError as error:
        return str(error)
    return None


def of_other_data(job: "Job", checksum: str | None) -> str | None:
    """The checksum on record of a finished run of today's results, where that isn't this one; None of all others."""
    try:
        results = run_folder.finished(job.folder)
    except UserError:  # damaged, which is another matter
        return None
    if checksum is None or results is None or identity.results_of(results) != identity.RESULTS:
        return None
    then = _checksum(results)
    return None if then == checksum else then


def _checksum(results: dict[str, Any] | None) -> str | None:
    data = (results or {}).get("data")
    found = data.get("checksum") if isinstance(data, dict) else None
    return found if isinstance(found, str) else None


def is_finished(job: "Job") -> bool:
    """Whether its folder says so."""
    return (job.folder / "metrics.json").is_file()


def await_finished(job: "Job") -> None:
    """Wait until what a finished run leaves is seen here: a network file system may show it late."""
    began = time.monotonic()
    while not is_finished(job):
        assert time.monotonic() - began < LATE_SECONDS, f"{job.folder} has no metrics.json"
        time.sleep(PAUSE_SECONDS)
