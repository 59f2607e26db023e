"""How long a study is going to take, by runs of its arms that are finished."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.runs import run_folder
from attnlab.study.arms import Arm


@dataclass(frozen=True, kw_only=True)
class ExpectedTime:
    """Of one arm: runs left to do, and seconds a run; None where no run of it is finished yet."""

    left: int
    seconds_a_run: float | None

    @property
    def seconds(self) -> float | None:
        """Of all that is left, one after another."""
        return 0.0 if not self.left else None if self.seconds_a_run is None else self.left * self.seconds_a_run


def expected_time(arm: Arm) -> ExpectedTime:
    """By the mean of the arm's finished runs, of whatever seed, in the folder where its runs lie."""
    left = sum(_finished_seconds(Path(config["output_dir"])) is None for config in arm.configs.values())
    known = [seconds for seconds in map(_finished_seconds, _runs_of(arm)) if seconds is not None]
    return ExpectedTime(left=left, seconds_a_run=mean(known) if known else None)


def _runs_of(arm: Arm) -> Sequence[Path]:
    """Folders of runs of the arm's configuration but for the seed."""
    parent = Path(arm.config["output_dir"]).parent
    return [path.parent for path in sorted(parent.glob("*/metrics.json")) if _is_of(arm, path.parent)]


def _is_of(arm: Arm, folder: Path) -> bool:
    try:
        recorded = run_folder.config_of(folder)
    except (UserError, OSError):
        return False
    if not isinstance(seed := recorded.get("seed"), int):
        return False
    asked = identity.config_of_today(json.loads(json.dumps(arm.with_seed(seed))))
    return identity.decisive(recorded) == identity.decisive(asked)


def _finished_seconds(folder: Path) -> float | None:
    """The seconds of a finished run of today's results; None for others."""
    try:
        results = run_folder.finished(folder)
    except UserError:
        return None
    if results is None or identity.results_of(results) != identity.RESULTS:
        return None
    seconds = results.get("wall_seconds")
    return float(seconds) if isinstance(seconds, (int, float)) else None
