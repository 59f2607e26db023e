"""Charts of a comparison with their words and tables, in both languages."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

from matplotlib.figure import Figure

from attnlab.reporting.charts import drawn, library
from attnlab.reporting.charts.marks import Cost, Curve, Difference, Mean, Reference, rings
from attnlab.reporting.glossary import score_in_chinese, score_in_english, set_off
from attnlab.reporting.numbers import NOTHING, column, fixed, places, span
from attnlab.reporting.pages.report.contents import Chart, Table, Text, plain

Direction = Literal["max", "min"]
"""Which of a score is better: the greater, or the smaller."""
LANGUAGES = ("en", "zh")
ARM = Text("arm", "组")
UPDATES = Text("updates", "更新次数")
RANGE = Text("over runs", "各次运行")
NO_MORE = Text("", "")
RINGS = Text(
    " An open mark around another: these arms lie at one place.", "套在另一标记外的空心标记：这几组落在同一处。"
)
SPLITS = {"train": Text("training", "训练"), "val": Text("validation", "验证")}


BETTER = {"max": Text(" (greater is better)", "（越大越好）"), "min": Text(" (lower is better)", "（越小越好）")}
"""Said of an axis."""


def forest(rows: Sequence[Difference], *, metric: str, control: str, margin: float | None, better: Direction) -> Chart:
    """Each arm's difference from the control."""
    en, zh = score_in_english(metric), set_off(score_in_chinese(metric))
    x = Text(f"{en} less {control}'s{BETTER[better][0]}", f"{zh.lstrip()}与 {control} 之差{BETTER[better][1]}")
    grey = Text("", "")
    if margin is not None:
        grey = Text(
            f" In the grey band, within {margin:g}, differences are too small to matter.",
            f"灰色带（{margin:g} 以内）中的差别无关紧要。",
        )
    about = Text(
        f"How far each arm's {en} is from {control}'s, with 95 % intervals, not corrected for their number; round "
        f"and coloured where that is decided, else square and grey.{grey[0]}",
        f"各组{zh}与 {control} 之差，附 95 % 区间（未按比较的数目校正）；"
        "有定论的为圆形、着色，尚无定论的为方形、灰色。"
        f"{grey[1]}",
    )
    heads = [ARM, Text("difference", "差"), Text("from", "下限"), Text("to", "上限"), Text("verdict", "结论")]
    cells = [
        [
            plain(each.arm),
            *(plain(value) for value in _differences(each)),
            each.verdict,
        ]
        for each in rows
    ]
    return _made(
        "forest",
        Text(f"Differences from {control}", f"与 {control} 的差"),
        about,
        Table(name="forest-numbers", caption=about, heads=heads, rows=cells, words=(0, 4)),
        lambda vega, at: vega.forest(rows, x=x[at], about=about[at], margin=margin, language=at),
        lambda at: drawn.forest(rows, x=x[at], margin=margin, language=at),
    )


def _differences(row: Difference) -> Sequence[str]:
    """With its bounds, to one place."""
    if row.difference is None:
        return [NOTHING] * 3
    decimals = places([(row.high - row.low) / 2], digits=2)
    return [fixed(each, decimals, signed=True) for each in (row.difference, row.low, row.high)]


def leaderboard(
    rows: Sequence[Mean],
    *,
    metric: str,
    control: str | None,
    better: Direction,
    references: Sequence[Reference] = (),
) -> Chart:
    """Each arm's mean score, in the order given; references are lines."""
    en, zh = score_in_english(metric), set_off(score_in_chinese(metric))
    about = Text(
        f"Each arm's mean {en} with its 95 % interval over new seeds on this very test set, and every run, a ring. "
        "It compares no arms: two intervals that overlap may differ, and the other way round. The axis need not begin "
        f"at 0.{_lines(control, references)[0]}",
        f"各组{zh}的均值及其 95 % 区间（换种子、同一测试集），以及每次运行（圆环）。"
        f"此图不作比较：区间重叠的两组也可能有别，反之亦然。坐标轴不一定从 0 开始。{_lines(control, references)[1]}",
    )
    heads = [ARM, Text("runs", "运行次数"), Text(f"mean {en}", f"{zh.lstrip()}均值"), Text("from", "下限")]
    heads += [Text("to", "上限"), Text("each run", "每次运行")]
    decimals = places(score for each in rows for score in each.runs)
    cells = [
        [
            plain(each.arm),
            plain(str(len(each.runs))),
            *(plain(_score(score, decimals)) for score in (each.mean, each.low, each.high)),
            plain(", ".join(_score(score, decimals) for score in each.runs)),
        ]
        for each in rows
    ]
    x = Text(f"{en}{BETTER[better][0]}", f"{zh.strip()}{BETTER[better][1]}")
    middle = next((each.mean for each in rows if each.arm == control), None)
    return _made(
        "leaderboard",
        Text("Leaderboard", "排行"),
        about,
        Table(name="leaderboard-numbers", caption=about, heads=heads, rows=cells),
        lambda vega, at: vega.means(rows, x=x[at], about=about[at], control=middle, references=references, language=at),
        lambda at: drawn.means(rows, x=x[at], control=middle, references=references, language=at),
    )


def _lines(control: str | None, references: Sequence[Reference]) -> Text:
    """What the lines of a leaderboard are."""
    english = "" if control is None else f" Dashed: the mean of {control}."
    chinese = "" if control is None else f"虚线：{control} 的均值。"
    for name, score in references:
        english += f" Dotted: {name[0]}, {score:.4g}."
        chinese += f"点线：{name[1]}，{score:.4g}。"
    return Text(english, chinese)


def quality(
    rows: Sequence[Cost], *, name: str, cost: Text, unit: Text, metric: str, better: Direction, said: Text = NO_MORE
) -> Chart:
    """Scores against what they cost, in a unit, of which more may be said."""
    en, zh = score_in_english(metric), set_off(score_in_chinese(metric))
    x = Text(f"{cost[0]} ({unit[0]})", f"{cost[1]}（{unit[1]}）")
    y = Text(f"{en}{BETTER[better][0]}", f"{zh.strip()}{BETTER[better][1]}")
    covered = RINGS if any(rings(rows)) else NO_MORE
    about = Text(
        f"Each arm's mean {en} against its {cost[0]}.{said[0]}{covered[0]} The axis of {en} need not begin at 0.",
        f"各组{zh}的均值与其{cost[1]}。{said[1]}{covered[1]}{zh.lstrip()}轴不一定从 0 开始。",
    )
    ranges = _ranges(rows)
    values = [each.cost for each in rows]
    amounts = column(values) if ranges is not None else [_score(each, 0) for each in values]
    cells = [
        [plain(each.arm), plain(amount), *([] if ranges is None else [plain(ranges[place])]), plain(mean)]
        for place, (each, amount, mean) in enumerate(
            zip(rows, amounts, column([each.mean for each in rows]), strict=True)
        )
    ]
    measured = [cost] if ranges is None else [x, RANGE]
    heads = [ARM, *measured, Text(f"mean {en}", f"{zh.lstrip()}均值")]
    return _made(
        f"against-{name}",
        Text(f"{en} against {cost[0]}", f"{zh.lstrip()}与{cost[1]}"),
        about,
        Table(name=f"against-{name}-numbers", caption=about, heads=heads, rows=cells),
        lambda vega, at: vega.costs(rows, x=x[at], y=y[at], about=about[at], language=at),
        lambda at: drawn.costs(rows, x=x[at], y=y[at]),
    )


def learning(rows: Sequence[Curve], *, metric: str, split: str) -> Chart:
    """How a score moved in training, of each arm: the mean over seeds, from the least to the greatest."""
    en, zh = score_in_english(metric), set_off(score_in_chinese(metric))
    where = SPLITS[split]
    about_axis = Text(" The axis need not begin at 0.", "坐标轴不一定从 0 开始。")
    title = Text(f"{en} in {where[0]}", f"{where[1]}的{zh.rstrip()}")
    about = Text(
        f"{en} in {where[0]} by updates: each arm's mean over its seeds, in a band from the least to the greatest."
        f"{about_axis[0]}",
        f"{where[1]}的{zh}随更新次数的变化：各组各种子的均值，色带从最小到最大。{about_axis[1]}",
    )
    name = f"{split}-{_slug(metric)}"
    return _made(
        name,
        title,
        about,
        _by_steps(name, UPDATES, rows, about=about),
        lambda vega, at: vega.curves(rows, x=UPDATES[at], y=(en, zh.strip())[at], about=about[at], language=at),
        lambda at: drawn.curves(rows, x=UPDATES[at], y=(en, zh.strip())[at]),
    )


def expected_best(rows: Sequence[Curve], *, metric: str) -> Chart:
    """The best score of validation that so many trials of tuning give on average, of each arm."""
    en, zh = score_in_english(metric), set_off(score_in_chinese(metric))
    about = Text(
        f"The best {en} that so many of its trials give each arm on average. Where a curve still moves, more "
        "trials may give better.",
        f"各组取用这么多次试验时，{zh.lstrip()}最佳值的期望。曲线仍在变好，说明再多试可能更好。",
    )
    trials = Text("trials spent", "所用试验数")
    y = Text(f"expected best {en}", f"{zh.lstrip()}期望最佳")
    return _made(
        "expected-best",
        Text("Expected best by trials spent", "所用试验数与期望最佳"),
        about,
        _by_steps("expected-best", trials, rows, about=about),
        lambda vega, at: vega.curves(rows, x=trials[at], y=y[at], about=about[at], language=at),
        lambda at: drawn.curves(rows, x=trials[at], y=y[at]),
    )


def _by_steps(name: str, step: Text, rows: Sequence[Curve], *, about: Text, heads: Sequence[Text] = ()) -> Table:
    """A row a step, a column a curve, headed by its arm's name or else by `heads`."""
    at = {each.arm: {point.step: point for point in each.points} for each in rows}
    steps = sorted({step for points in at.values() for step in points})
    decimals = places(value for each in rows for point in each.points for value in point[1:])
    return Table(
        name=f"{name}-numbers",
        caption=about,
        heads=[step, *(heads or [plain(each.arm) for each in rows])],
        rows=[[plain(f"{step:,}"), *(_range(at[each.arm].get(step), decimals) for each in rows)] for step in steps],
    )


def moved(rows: Sequence[Curve], *, metric: str) -> Chart:
    """How a score moved in one run, a curve for each split that has it, of that split's own colour and dashes."""
    en, zh = score_in_english(metric), set_off(score_in_chinese(metric))
    splits = [SPLITS[each.arm] for each in rows]
    where = Text(" and ".join(each[0] for each in splits), "、".join(each[1] for each in splits))
    about = Text(f"{en} in {where[0]} by updates.", f"{where[1]}的{zh}随更新次数的变化。")
    name = f"moved-{_slug(metric)}"
    points = {each.arm: each.points for each in rows}
    named = [[Curve(split[at], points.get(key, ())) for key, split in SPLITS.items()] for at in (0, 1)]
    return _made(
        name,
        Text(en, zh.strip()),
        about,
        _by_steps(name, UPDATES, rows, about=about, heads=splits),
        lambda vega, at: vega.curves(named[at], x=UPDATES[at], y=(en, zh.strip())[at], about=about[at], language=at),
        lambda at: drawn.curves(named[at], x=UPDATES[at], y=(en, zh.strip())[at]),
    )


def _made(
    name: str,
    title: Text,
    about: Text,
    table: Table,
    spec: Callable[[Any, int], dict[str, Any]],
    figure: Callable[[int], Figure],
) -> Chart:
    table = replace(table, caption=title)  # what is seen stands above it already
    if library.installed():
        from attnlab.reporting.charts import vega

        specs = {language: spec(vega, number) for number, language in enumerate(LANGUAGES)}
        return Chart(name=name, title=title, about=about, table=table, spec=specs)
    drawings = {
        language: drawn.drawing(figure(number), name=f"{name}-{language}") for number, language in enumerate(LANGUAGES)
    }
    return Chart(name=name, title=title, about=about, table=table, drawings=drawings)


def _slug(metric: str) -> str:
    """As part of a name on the page."""
    return re.sub("[^A-Za-z0-9]+", "-", metric)


def _score(value: float | None, decimals: int) -> str:
    return NOTHING if value is None else fixed(value, decimals)


def _ranges(rows: Sequence[Cost]) -> list[str] | None:
    """From the least to the greatest that was measured; None of costs that were counted."""
    if all(each.low is None or each.high is None for each in rows):
        return None
    decimals = places(each.cost for each in rows)
    return [NOTHING if each.low is None or each.high is None else span(each.low, each.high, decimals) for each in rows]


def _range(point: Any, decimals: int) -> Text:
    if point is None:
        return plain(NOTHING)
    _, mean, low, high = point
    shown = fixed(mean, decimals)
    return plain(shown if low == high else f"{shown} ({span(low, high, decimals)})")
