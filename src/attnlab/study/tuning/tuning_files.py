"""Tuning as files: `trials.csv`, a row a trial, and `tuning.csv` with its figure, the expected best by trials spent."""

import math
from pathlib import Path

from attnlab.files import write_rows
from attnlab.language import either
from attnlab.reporting.glossary import score_in_chinese
from attnlab.study.plan import Plan
from attnlab.study.tuning.expected_best import ExpectedBest, expected_best
from attnlab.study.tuning.outcomes import outcomes, tuning_of


def write_tuning(plan: Plan) -> None:
    """Write them to the study's folder; the same to the byte however often the study was interrupted."""
    _write_trials(plan)
    found = expected_bests(plan)
    rows = [(arm, each.trials, _number(each.score), _number(each.without)) for arm in found for each in found[arm]]
    write_rows(plan.folder / "tuning.csv", ("arm", "trials", "expected_best", "share_without_score"), rows)
    _draw(plan, plan.folder, found)


def expected_bests(plan: Plan) -> dict[str, list[ExpectedBest]]:
    """By arm."""
    tuning, found = tuning_of(plan), outcomes(plan)
    scores = {arm.name: [each.score for each in found if each.trial.job.arm == arm.name] for arm in plan.arms}
    return {name: expected_best(each, tuning.better) for name, each in scores.items()}


def _write_trials(plan: Plan) -> None:
    tuning, keys = tuning_of(plan), list((plan.study.tune.space if plan.study.tune else {}).keys())
    names = [arm.name for arm in plan.arms]
    rows = []
    for each in sorted(outcomes(plan), key=lambda found: names.index(found.trial.job.arm)):
        trial = each.trial
        best = tuning.chosen.get(trial.job.arm)
        is_best = "yes" if best is not None and best.number == trial.number else ""
        values = [trial.values.get(key, "") for key in keys]
        rows.append((trial.job.arm, trial.number, each.status, tuning.monitor, _number(each.score), is_best, *values))
    heads = ("arm", "trial", "status", "metric", "score", "chosen", *keys)
    write_rows(plan.folder / "trials.csv", heads, rows)


def _number(value: float | None) -> str:
    return "" if value is None else repr(value)


def _draw(plan: Plan, folder: Path, found: dict[str, list[ExpectedBest]]) -> None:
    from matplotlib.ticker import MaxNLocator

    from attnlab.reporting.figures.canvas import FORMATS, save
    from attnlab.reporting.figures.learning_curve import learning_curve

    curves = {
        arm: [(each.trials, math.nan if each.score is None else each.score) for each in points]
        for arm, points in found.items()
    }
    monitor = tuning_of(plan).monitor
    figure = learning_curve(
        curves,
        title=plan.study.name,
        x_label=either("trials spent", "所用试验数"),
        y_label=either(f"expected best {monitor}", f"{score_in_chinese(monitor)}期望最佳"),
    )
    figure.axes[0].xaxis.set_major_locator(MaxNLocator(integer=True))
    for kind in FORMATS:
        save(figure, folder / f"tuning.{kind}")
