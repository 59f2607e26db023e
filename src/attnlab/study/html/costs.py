"""What arms cost on a page: quality against it, and the ledger."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from attnlab.reporting.charts import made
from attnlab.reporting.charts.marks import Cost
from attnlab.reporting.pages.report.contents import Chart, Table, Text, pairs, plain
from attnlab.study.arms import Kind
from attnlab.study.html.scores import mean_of
from attnlab.study.html.subject import Subject, SubjectArm, in_both
from attnlab.study.verdict_table import NOTHING
from attnlab.study.wording import chinese, english

PARAMETERS = Text("parameters", "参数量")
FLOPS = Text("FLOPs of a forward pass", "前向 FLOPs")
ADDED = Text("added by the study", "研究自动加入")


def against_costs(subject: Subject) -> Iterator[Chart]:
    """Scores against parameters, operations and measured time, where they are known of an arm at least."""
    means = {each.name: mean for each in subject.arms if (mean := mean_of(subject, each)) is not None}
    seconds = {each.name: _milliseconds(each) for each in subject.arms}
    time = Text(
        f"milliseconds {_unit(subject, one=True)} in training, as measured",
        f"训练中每{UNITS.get(_unit(subject), '例')}毫秒数（实测）",
    )
    known: list[tuple[str, Text, Mapping[str, float | None]]] = [
        ("parameters", PARAMETERS, {each.name: _parameters(each) for each in subject.arms}),
        ("flops", FLOPS, {each.name: _flops(each) for each in subject.arms}),
        ("time", time, seconds),
    ]
    for name, cost, of in known:
        rows = [Cost(arm, of[arm], mean.mean) for arm, mean in means.items()]
        if any(each.cost is not None for each in rows):
            yield made.quality(rows, name=name, cost=cost, metric=subject.metric)


UNITS = {"images": "张图像", "tokens": "个词元", "words": "个词", "sentences": "句"}


def _unit(subject: Subject, *, one: bool = False) -> str:
    """What throughput was counted in: "images"; or "an image"."""
    names = (name for arm in subject.arms for run in arm.runs for name in run.record if name.endswith("_per_second"))
    unit = next(names, "").removesuffix("_per_second") or "examples"
    single = unit.removesuffix("s") or unit
    return f"{'an' if single[0] in 'aeio' else 'a'} {single}" if one else unit


def _parameters(arm: SubjectArm) -> float | None:
    if arm.costs is not None:
        return arm.costs.parameters.total
    found = (run.record.get("parameters") for run in arm.runs)
    totals = [each["total"] for each in found if isinstance(each, dict) and isinstance(each.get("total"), int)]
    return totals[0] if totals else None


def _flops(arm: SubjectArm) -> float | None:
    return None if arm.costs is None or arm.costs.forward is None else arm.costs.forward.flops


def _milliseconds(arm: SubjectArm) -> float | None:
    """Of an image or a token in training: the mean over runs, to the digits that are printed."""
    rates = [
        value
        for run in arm.runs
        for name, value in run.record.items()
        if name.endswith("_per_second") and isinstance(value, int | float) and value > 0
    ]
    return float(f"{1000 * sum(1 / rate for rate in rates) / len(rates):.4g}") if rates else None


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
