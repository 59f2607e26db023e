"""Tuning on a page: what each arm's trials gave, and what so many of them are worth."""

from attnlab.reporting.charts import made
from attnlab.reporting.charts.marks import Curve, Point
from attnlab.reporting.pages.report.contents import Chart, Table, Text, Tuning, pairs, plain
from attnlab.study.html.subject import in_both
from attnlab.study.plan import Plan
from attnlab.study.tuning.outcomes import tuning_of, tuning_row
from attnlab.study.tuning.tuning_files import expected_bests
from attnlab.study.wording import chinese, english
from attnlab.study.wording.contract import Wording


def tuned(plan: Plan) -> Tuning | None:
    """Of a study whose trials have ended; none of one that tunes nothing."""
    if plan.tuning is None or plan.study.tune is None:
        return None
    tune, tuning = plan.study.tune, tuning_of(plan)

    def how(words: Wording) -> str:
        better = tuning.better == "max"
        return words.tuning(tune.trials, monitor=tuning.monitor, higher_is_better=better, seed=tune.seed)

    lacking = [Text(english.lacking(*each), chinese.lacking(*each)) for each in tuning.lacking.items()]
    rows = [[plain(cell) for cell in tuning_row(plan, each.name)] for each in plan.arms]
    table = Table(
        name="tuning-table",
        caption=Text("What was chosen", "选中的取值"),
        heads=pairs(english.HEADS.tuning, chinese.HEADS.tuning),
        rows=rows,
        words=(0, 5),
    )
    return Tuning([in_both(how), *lacking], _chart(plan), table)


def _chart(plan: Plan) -> Chart | None:
    curves = [
        Curve(arm, [Point(each.trials, *[each.score] * 3) for each in found if each.score is not None])
        for arm, found in expected_bests(plan).items()
    ]
    return made.expected_best(curves, metric=tuning_of(plan).monitor) if any(each.points for each in curves) else None
