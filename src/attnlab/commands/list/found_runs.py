"""Which runs lie below a folder, what each is and what became of it, by what they have on record."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple

from attnlab.errors import UserError
from attnlab.files import is_locked
from attnlab.reading.bounds import read_json
from attnlab.runs.named import DEPTH, RECORDS, runs_below, trained_at

State = Literal["finished", "running", "failed", "unfinished", "damaged"]
FAILED = ("failed", "diverged", "died", "out of memory", "faulted", "refused")  # as sweeps and studies record it
MOST_SCORES = 3


class ListedRun(NamedTuple):
    """A run.

    Attributes:
        mechanism: of attention, and by slots where they differ; empty where there is none.
        arm: NAME/ARM of the study whose run it is.
        scores: of the test, the one that judges its task first.
        trained_at: seconds since the epoch.
    """

    folder: Path
    task: str
    seed: int | None
    mechanism: str
    arm: str
    state: State
    scores: dict[str, float]
    trained_at: float

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return self._asdict() | {"folder": str(self.folder)}


def listed_runs(folder: Path, *, task: str | None = None) -> list[ListedRun]:
    """Those below a folder, in the order of their names; `task` picks those of one."""
    failed, arms = _recorded(folder)
    runs = [_listed(run, failed=run.resolve() in failed, arm=arms.get(run.resolve(), "")) for run in runs_below(folder)]
    return [run for run in runs if task is None or run.task == task]


def _listed(folder: Path, *, failed: bool, arm: str) -> ListedRun:
    config, metrics = _json(folder / "config.json"), _json(folder / "metrics.json")
    finished = isinstance(metrics.get("test"), dict) and isinstance(metrics.get("best"), dict)
    seed = config.get("seed", metrics.get("seed"))
    return ListedRun(
        folder=folder,
        task=str(metrics.get("task") or str(config.get("run_path", "")).partition("/")[0]),
        seed=seed if isinstance(seed, int) else None,
        mechanism=_mechanism(config, metrics),
        arm=arm,
        state=_state(folder, finished=finished, failed=failed),
        scores=_scores(config, metrics) if finished else {},
        trained_at=trained_at(folder),
    )


def _state(folder: Path, *, finished: bool, failed: bool) -> State:
    if is_locked(folder):
        return "running"
    if any((folder / name).exists() and not _json(folder / name) for name in RECORDS):
        return "damaged"
    if finished:
        return "finished"
    if (folder / "metrics.json").exists():
        return "damaged"
    return "failed" if failed else "unfinished"


def _json(path: Path) -> dict[str, Any]:
    """An object of a file; empty where there is none, or nothing that can be read."""
    with suppress(OSError, ValueError, RecursionError):
        found = read_json(path)
        if isinstance(found, dict):
            return found
    return {}


def _mechanism(config: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    """As the model has it once it is trained; before, as it is asked for."""
    slots = metrics.get("attention_slots")
    if not isinstance(slots, dict):
        model = _part(config, "model")
        asked = {key: _of_class(model.get(key)) for key in ("feature_attention", "attention")}
        slots = {key: name for key, name in asked.items() if name}
    names = list(dict.fromkeys(map(str, slots.values())))
    return names[0] if len(names) == 1 else " ".join(f"{slot}={name}" for slot, name in slots.items())


def _of_class(node: Any) -> str:
    """`dot` of the node whose core is a DotAttention, as a trained model would call it."""
    core = node.get("core", node) if isinstance(node, dict) else {}
    name = str(core.get("_target_", "") if isinstance(core, dict) else "").rpartition(".")[2]
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower().removesuffix("_attention").removesuffix("_feature")


def _part(record: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A group of values of what anyone may have written; empty where it is none."""
    found = record.get(key)
    return found if isinstance(found, dict) else {}


def _scores(config: Mapping[str, Any], metrics: Mapping[str, Any]) -> dict[str, float]:
    """Of the test: the score that judges its task, the one that chose the checkpoint, and others that may judge it."""
    verdict, test = _part(config, "verdict"), _part(metrics, "test")
    chosen_by = str(_part(metrics, "best").get("monitor")).removeprefix("val/")
    wanted = [str(verdict.get("metric")), chosen_by, *_part(verdict, "margins")]
    found = [name for name in dict.fromkeys(wanted) if isinstance(test.get(name), float | int)]
    return {name: float(test[name]) for name in found[:MOST_SCORES]}


def _recorded(folder: Path) -> tuple[set[Path], dict[Path, str]]:
    """The runs that a sweep or a study has on record as failed, and the arms of studies by their runs."""
    failed: set[Path] = set()
    arms: dict[Path, str] = {}
    roots = (folder.absolute(), *folder.absolute().parents[:DEPTH])
    for path in (path for root in roots for path in root.glob("sweeps/*/*.json")):
        entry = _json(path)
        if entry.get("status") in FAILED and (run := _real(entry.get("output_dir"))) is not None:
            failed.add(run)
    for path in (path for root in roots for path in root.glob("studies/*/*/plan.json")):
        of_study = dict(_arms(path))
        arms |= of_study
        failed |= {run for run in of_study if _failed(path.parent / "jobs" / f"{run.name}.json")}
    return failed, arms


def _arms(plan: Path) -> Iterator[tuple[Path, str]]:
    """The runs of a study, which may have been moved together with it."""
    found = _json(plan)
    jobs, root = found.get("jobs"), Path(str(found.get("folder"))).parent.parent.parent
    for job in jobs if isinstance(jobs, list) else ():
        if isinstance(job, dict) and isinstance(job.get("folder"), str):
            run = Path(job["folder"])
            here = plan.absolute().parents[3] / run.relative_to(root) if run.is_relative_to(root) else run
            if (real := _real(str(here))) is not None:
                yield real, f"{plan.parent.parent.name}/{job.get('arm')}"


def _real(folder: Any) -> Path | None:
    """A folder's own name, whatever links lead to it; None of what can be none."""
    try:
        return Path(os.path.realpath(folder)) if isinstance(folder, str) else None
    except ValueError:  # a zero byte, or half of a surrogate pair
        return None


def _failed(state: Path) -> bool:
    if not state.is_file():
        return False
    from attnlab.study.job_states import read_state  # numpy's

    try:
        found = read_state(state)
    except UserError:  # it is damaged, which the study says
        return False
    return found is not None and found.failed
