"""What arms cost on a page: quality against it, and the ledger."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple, get_args

from attnlab.reporting.charts import made
from attnlab.reporting.charts.marks import Cost
from attnlab.reporting.pages.report.contents import Chart, Table, Tables, Text, pairs, plain
from attnlab.study.arms import Kind
from attnlab.study.cost_table import has_slots
from attnlab.study.cost_table import table as cost_cells
from attnlab.study.html.scores import mean_of
from attnlab.study.html.subject import Subject, SubjectArm, in_both
from attnlab.study.wording import chinese, english
from attnlab.study.wording.contract import Wording

PARAMETERS = Text("parameters", "参数量")
FLOPS = Text("FLOPs of a forward pass", "前向 FLOPs")
COUNTED = Text("k thousands, M millions, G billions", "k 为千，M 为百万，G 为十亿")
ONE_MACHINE = Text(
    " Measured on the machine of the runs beside whatever else it did, a bar from its fastest run to its slowest: no "
    "verdict, least of all where bars overlap.",
    "在做这些运行的机器上测得，当时机器或许另有负载；横线从最快的一次到最慢的一次。这不是结论，横线重叠时尤其如此。",
)


class _Amount(NamedTuple):
    """What an arm costs; the least and the greatest over runs where it was measured."""

    cost: float | None
    low: float | None = None
    high: float | None = None


def against_costs(subject: Subject) -> Iterator[Chart]:
    """Scores against parameters, operations and measured time, where they are known of two arms at least."""
    means = {each.name: mean for each in subject.arms if (mean := mean_of(subject, each)) is not None}
    time, unit, amounts = _time(subject)
    parameters = {each.name: _Amount(_parameters(each)) for each in subject.arms}
    flops = {each.name: _Amount(_flops(each)) for each in subject.arms}
    known: list[tuple[str, Text, Text, Mapping[str, _Amount], Text]] = [
        ("parameters", PARAMETERS, COUNTED, parameters, made.NO_MORE),
        ("flops", FLOPS, COUNTED, flops, made.NO_MORE),
        ("time", time, unit, amounts, ONE_MACHINE),
    ]
    for name, cost, unit, of, said in known:
        rows = [Cost(arm, of[arm].cost, mean.mean, of[arm].low, of[arm].high) for arm, mean in means.items()]
        if sum(each.cost is not None for each in rows) > 1:
            yield made.quality(
                rows, name=name, cost=cost, unit=unit, metric=subject.metric, better=subject.better, said=said
            )


THINGS = {"images": "张图像", "tokens": "个词元", "words": "个词", "sentences": "句"}
TIMES = (
    (1.0, Text("seconds", "秒")),
    (1e3, Text("milliseconds", "毫秒")),
    (1e6, Text("microseconds", "微秒")),
    (1e9, Text("nanoseconds", "纳秒")),
)


def _time(subject: Subject) -> tuple[Text, Text, dict[str, _Amount]]:
    """What an image or a token takes each arm in training, in which unit, on this machine."""
    seconds = {each.name: _seconds(each) for each in subject.arms}
    longest = max((mean for each in seconds.values() if (mean := _mean(each)) is not None), default=1.0)
    per_second, unit = next((each for each in TIMES if longest * each[0] >= 1), TIMES[-1])
    thing = _counted_in(subject)
    single = thing.removesuffix("s") or thing
    name = Text(
        f"training time of {'an' if single[0] in 'aeio' else 'a'} {single}",
        f"每{THINGS.get(thing, '例')}的训练用时",
    )
    here = Text(f"{unit.english}, as measured", f"{unit.chinese}，实测")
    return name, here, {arm: _amount([each * per_second for each in found]) for arm, found in seconds.items()}


def _amount(measured: Sequence[float]) -> _Amount:
    return _Amount(_mean(measured), min(measured), max(measured)) if measured else _Amount(None)


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None


def _counted_in(subject: Subject) -> str:
    """What throughput was counted in: "images"."""
    names = (name for arm in subject.arms for run in arm.runs for name in run.record if name.endswith("_per_second"))
    return next(names, "").removesuffix("_per_second") or "examples"


def _parameters(arm: SubjectArm) -> float | None:
    if arm.costs is not None:
        return arm.costs.parameters.total
    found = (run.record.get("parameters") for run in arm.runs)
    totals = [each["total"] for each in found if isinstance(each, dict) and isinstance(each.get("total"), int)]
    return totals[0] if totals else None


def _flops(arm: SubjectArm) -> float | None:
    return None if arm.costs is None or arm.costs.forward is None else arm.costs.forward.flops


def _seconds(arm: SubjectArm) -> list[float]:
    """Of an image or a token in training, of each run."""
    return [
        1 / value
        for run in arm.runs
        for name, value in run.record.items()
        if name.endswith("_per_second") and isinstance(value, int | float) and value > 0
    ]


def ledger(subject: Subject, *, about: Sequence[Text]) -> Tables | None:
    """What arms cost and how they differ."""
    found = [table for table in (cost_table(subject.arms), difference_table(subject)) if table is not None]
    return Tables(about, found) if found or about else None


def cost_table(arms: Sequence[SubjectArm]) -> Table | None:
    """As counted before anything trained; none of runs that were found."""
    if any(each.costs is None for each in arms):
        return None
    costs = {each.name: each.costs for each in arms if each.costs is not None}

    def cells(words: Wording) -> list[list[str]]:
        shown = [words.arm_name(each.name, confounded=each.confounded, added=each.added) for each in arms]
        return cost_cells(dict(zip(shown, costs.values(), strict=True)), words)

    heads, *rows = (pairs(*both) for both in zip(cells(english), cells(chinese), strict=True))
    return Table(
        name="cost-table",
        caption=Text("What each arm costs", "各组的代价"),
        heads=heads,
        rows=rows,
        words=[0, *([len(heads) - 1] if has_slots(costs.values()) else [])],
    )


def difference_table(subject: Subject) -> Table | None:
    """Every key in which an arm isn't the control."""
    control = subject.judgement.control
    kinds = {kind: Text(english.kind(kind), chinese.kind(kind)) for kind in get_args(Kind)}
    rows = [
        [plain(arm.name), plain(each.key), *pairs(english.values(each), chinese.values(each)), kinds[each.kind]]
        for arm in subject.arms
        for each in arm.differences
    ]
    if not rows:
        return None
    return Table(
        name="difference-table",
        caption=in_both(lambda words: words.differences_from(control)),
        heads=pairs(english.HEADS.differences, chinese.HEADS.differences),
        rows=rows,
        words=(0, 1, 2, 3, 4),
    )
