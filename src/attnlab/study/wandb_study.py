"""A study in wandb, where its runs are logged there: they share labels, and a run of its own holds the verdicts.

None of it is any run's identity: runs that were made before count, as they are.
"""

import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attnlab.files import write_text
from attnlab.study.plan import Job, Plan
from attnlab.study.statistics import ArmRuns
from attnlab.study.wording import english

if TYPE_CHECKING:
    from attnlab.study.running import Results

log = logging.getLogger(__name__)

TARGET = "attnlab.callbacks.WandbRun"
MOST_LETTERS = 64  # of a tag
TAGS = "WANDB_TAGS"


def labels(plan: Plan, job: Job) -> dict[str, str]:
    """What a study says of one of its runs, in variables that `conf/logger/default.yaml`, or wandb itself, reads."""
    return {"WANDB_RUN_GROUP": plan.study.name, "WANDB_JOB_TYPE": job.arm, TAGS: ",".join(_tags(plan))}


def labelled(train: Callable[[list[str]], float], overrides: list[str], said: Mapping[str, str]) -> float:
    """What `train` comes to with these labels; a variable that the user has set stays, and tags are added to it."""
    with _variables(said):
        return train(overrides)


@contextmanager
def _variables(said: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in said}
    for name, value in said.items():
        given = before[name]
        os.environ[name] = value if not given else f"{given},{value}" if name == TAGS else given
    try:
        yield
    finally:
        for name, was in before.items():
            if was is None:
                del os.environ[name]
            else:
                os.environ[name] = was


def _tags(plan: Plan) -> list[str]:
    """Commas part them."""
    return [name.replace(",", " ")[:MOST_LETTERS] for name in (plan.study.name, plan.folder.name)]


def write_wandb(results: "Results") -> None:
    """Bring the study's own run up to date, the same however often; nothing where no arm logs to wandb.

    A wandb that fails, or isn't there, is a warning.
    """
    node = _logger_of(results.plan)
    if node is None:
        return
    try:
        _write(results, node)
    except (OSError, ValueError) as error:
        log.warning("the study isn't in wandb: %s", error)


def _logger_of(plan: Plan) -> dict[str, Any] | None:
    """The settings of the first arm that logs to wandb, the control before others."""
    for each in (plan.control, *plan.arms):
        for node in (each.arm.config.get("logger") or {}).values():
            if isinstance(node, dict) and node.get("_target_") == TARGET:
                return node
    return None


def _write(results: "Results", node: Mapping[str, Any]) -> None:
    from attnlab.callbacks.wandb_run import WandbRun
    from attnlab.study.verdict_table import table

    plan, judgement = results.plan, results.judgement
    write_text(plan.folder / "wandb_id.txt", f"{_run_id(plan)}\n")
    run = WandbRun(
        node.get("directory"),
        project=node.get("project") or "attnlab",
        entity=node.get("entity"),
        mode=node.get("mode") or "auto",
        tags=_tags(plan),
        name=plan.study.name,
        group=plan.study.name,
        job_type="study",
        notes=node.get("notes"),
        output_dir=plan.folder,
    )
    seeds = list(results.judgements)[-1]
    run.log_hyperparams(_asked(plan))
    heads, *rows = table(judgement)
    run.log_table("verdicts", heads, [_labelled(row, _confounded(plan)) for row in rows], step=seeds)
    run.log_image("forest", plan.folder / "forest.png", step=seeds)
    run.log_summary(_found(results))
    run.log_file(plan.folder / "report.md")
    run.finish(exit_code=0)


def _confounded(plan: Plan) -> set[str]:
    return {each.name for each in plan.arms if each.confounders}


def _labelled(row: Sequence[str], confounded: set[str]) -> list[str]:
    """A row of the table, whose arm says that it is confounded if it is."""
    name, *cells = row
    return [english.arm_name(name, confounded=name in confounded, added=False), *cells]


def _run_id(plan: Plan) -> str:
    """The same for the same study, whoever gives the command and wherever."""
    return f"{re.sub(r'[^A-Za-z0-9_-]', '-', plan.study.name)[:MOST_LETTERS]}-{plan.folder.name}"


def _asked(plan: Plan) -> dict[str, Any]:
    """As a run's configuration: what the study asks."""
    study, chosen = plan.study, plan.judged
    return {
        "study": study.name,
        "hash": plan.folder.name,
        "control": study.control,
        "arms": {each.name: list(each.arm.overrides) for each in plan.arms},
        "seeds": list(study.seeds),
        "looks": list(study.looks),
        "metric": chosen.metric,
        "better": chosen.better,
        "margin": chosen.margin,
        "pairing": study.pairing,
    }


def _found(results: "Results") -> dict[str, Any]:
    """As a run's summary: of each arm the mean over the seeds that finished, how many these are, and the verdict."""
    judgement, confounded = results.judgement, _confounded(results.plan)
    found: dict[str, Any] = {"alpha": judgement.alpha, "metric": judgement.metric}
    for verdict in judgement.verdicts:
        measured, compared = verdict.measured, verdict.comparison
        control = _of_arm(judgement.control, compared.control, measured.scores.control)
        arm = _of_arm(compared.arm.name, compared.arm, measured.scores.arm)
        label = ["confounded"] if compared.arm.name in confounded else []
        found |= control | arm | {f"{compared.arm.name}/verdict": ", ".join([*verdict.marks, *label, verdict.finding])}
    return found


def _of_arm(name: str, runs: ArmRuns, mean: float | None) -> dict[str, Any]:
    return {f"{name}/mean": mean, f"{name}/n": len(runs.seeds), f"{name}/failed": runs.failed}
