"""What each arm attends to on the same few test examples: of one run of each, made from its checkpoint and kept."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from attnlab.config.trusted_files import trusted
from attnlab.errors import UserError
from attnlab.files import write_text
from attnlab.language import Words
from attnlab.launch.resources import Needs
from attnlab.reading.bounds import read_json
from attnlab.reporting.pages.linked_maps.contents import SCHEMA, RunMaps
from attnlab.study.kept_of_runs import KeptOfRuns
from attnlab.study.launching import Pool
from attnlab.study.plan import Job

NO_WEIGHTS = "its checkpoint isn't there any more"


class ArmMaps:
    """Those of one study, a file a run.

    Args:
        folder: the study's.
        trust: packages of the user's own that a checkpoint's model may be made of.
    """

    def __init__(self, folder: Path, *, trust: Sequence[str] = ()) -> None:
        self.trust = sorted(set(trust))
        self.kept = KeptOfRuns(folder / "maps", self._make, named=Words("what it attends to", "看向哪里"))

    def made(
        self, jobs: Sequence[Job], pool: Callable[[int], Pool], *, needs: Callable[[Mapping[str, Any]], Needs]
    ) -> dict[str, RunMaps]:
        """Of these finished runs, by their arms; what isn't there yet is made, in a pool for so many.

        `needs` says what a run takes, by its trainer's settings.

        No figure is worth a study: a run whose maps can't be made says why.
        """
        found = {job.arm: self.of(job) if _has_weights(job) else _lacking(NO_WEIGHTS) for job in jobs}
        if left := [job for job in jobs if found[job.arm] is None]:
            for outcome in pool(len(left)).run(self.kept.pool_jobs(left, needs=needs)):
                job = next(each for each in left if self.kept.log_folder(each) == outcome.job.output_dir)
                found[job.arm] = self.of(job) or _lacking(outcome.ended.error or "its maps weren't made")
        return {arm: maps for arm, maps in found.items() if maps is not None}

    def of(self, job: Job) -> RunMaps | None:
        """What is on record of a run; None where nothing is that can be read today, or of this very training."""
        try:
            found = read_json(self.kept.path(job))
            if found["schema"] != SCHEMA or found["run"] != self.kept.stamp(job):
                return None
            if found["maps"]["why"] and found["trust"] != self.trust:
                return None
            return cast(RunMaps, found["maps"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _make(self, job: Job) -> float:
        from attnlab.runs.kept_maps import maps_of

        try:
            with trusted(job.folder):
                maps = maps_of(job.folder, trust=tuple(self.trust))
        except UserError as error:
            maps = _lacking(str(error))
        said: dict[str, Any] = {"schema": SCHEMA, "arm": job.arm, "seed": job.seed, "run": self.kept.stamp(job)}
        said |= {"trust": self.trust, "maps": maps}
        write_text(self.kept.path(job), json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n")
        return float("nan")


def _lacking(why: str) -> RunMaps:
    return {"examples": [], "why": why}


def _has_weights(job: Job) -> bool:
    return (job.folder / "checkpoints" / "best.ckpt").is_file()
