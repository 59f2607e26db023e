"""What arms cost on a page: quality against it, and the ledger."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from attnlab.reporting.charts import made
from attnlab.reporting.charts.marks import Cost
from attnlab.reporting.numbers import NOTHING
from attnlab.reporting.pages.report.contents import Chart, Table, Text, pairs, plain
from attnlab.study.arms import Kind
from attnlab.study.html.scores import mean_of
from attnlab.study.html.subject import Subject, SubjectArm, in_both
from attnlab.study.wording import chinese, english

PARAMETERS = Text("parameters", "参数量")
FLOPS = Text("FLOPs of a forward pass", "前向 FLOPs")
ADDED = Text("added by the study", "研究自动加入")


def against_costs(subject: Subject) -> Iterator[Chart]:
    """Scores against parameters, operations and measured time, where they are known of two arms at least."""
    means = {each.name: mean for each in subject.arms if (mean := mean_of(subject, each)) is not None}
    time, amounts = _time(subject)
    known: list[tuple[str, Text, Mapping[str, float | None]]] = [
        ("parameters", PARAMETERS, {each.name: _parameters(each) for each in subject.arms}),
        ("flops", FLOPS, {each.name: _flops(each) for each in subject.arms}),
        ("time", time, amounts),
    ]
    for name, cost, of in known:
        rows = [Cost(arm, of[arm], mean.mean) for arm, mean in means.items()]
        if sum(each.cost is not None for each in rows) > 1:
            yield made.quality(rows, name=name, cost=cost, metric=subject.metric)


THINGS = {"images": "张图像", "tokens": "个词元", "words": "个词", "sentences": "句"}
TIMES = (
    (1.0, Text("seconds", "秒")),
    (1e3, Text("milliseconds", "毫秒")),
    (1e6, Text("microseconds", "微秒")),
    (1e9, Text("nanoseconds", "纳秒")),
)


def _time(subject: Subject) -> tuple[Text, dict[str, float | None]]:
    """What an image or a token takes each arm in training, to the digits that are printed, and in which unit."""
    seconds = {each.name: _seconds(each) for each in subject.arms}
    longest = max((each for each in seconds.values() if each is not None), default=1.0)
    per_second, unit = next((each for each in TIMES if longest * each[0] >= 1), TIMES[-1])
    amounts = {arm: None if each is None else float(f"{each * per_second:.4g}") for arm, each in seconds.items()}
    thing = _counted_in(subject)
    single = thing.removesuffix("s") or thing
    name = Text(
        f"{unit.english} {'an' if single[0] in 'aeio' else 'a'} {single} in training, as measured",
        f"训练中每{THINGS.get(thing, '例')}{unit.chinese}数（实测）",
    )
    return name, amounts


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


def _seconds(arm: SubjectArm) -> float | None:
    """Of an image or a token in training: the mean over runs."""
    rates = [
        value
        for run in arm.runs
        for name, value in run.record.items()
        if name.endswith("_per_second") and isinstance(value, int | float) and value > 0
    ]
    return sum(1 / rate for rate in rates) / len(rates) if rates else None


def cost_table(arms: Sequence[SubjectArm]) -> Table | None:
    """As counted before anything trained; none of runs that were found."""
    if all(each.costs is None for each in arms):
        return None
    return Table(
        name="cost-table",
        caption=Text("What each arm costs", "各组的开销"),
        heads=pairs(english.HEADS.costs, chinese.HEADS.costs),
        rows=[_cost_row(each) for each in arms if each.costs is not None],
        words=(0, 10),
    )


def _cost_row(arm: SubjectArm) -> list[Text]:
    assert arm.costs is not None
    costs, forward, state = arm.costs, arm.costs.forward, arm.costs.state
    counts: list[int | None] = [costs.parameters.total, costs.parameters.trainable, costs.parameters.attention]
    counts += [None] * 3 if forward is None else [forward.flops, costs.training_flops, forward.elements]
    counts += [None] * 3 if state is None else [state.fixed, state.per_written_token, state.per_source_token]
    slots = ", ".join(f"{slot}={mechanism}" for slot, mechanism in costs.slots.items())
    name = in_both(lambda words: words.arm_name(arm.name, confounded=arm.confounded, added=arm.added))
    return [name, *(plain(NOTHING if each is None else f"{each:,}") for each in counts), plain(slots or NOTHING)]


def difference_table(subject: Subject) -> Table | None:
    """Every key in which an arm isn't the control."""
    control = subject.judgement.control
    kinds = {kind: Text(english.kind(kind), chinese.kind(kind)) for kind in get_args(Kind)}
    rows = [
        [plain(arm.name), plain(each.key), plain(_value(each.control)), plain(_value(each.arm)), kinds[each.kind]]
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


def _value(value: Any) -> str:
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
