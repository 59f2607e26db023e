"""Charts of a comparison with their words and tables, in both languages."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.figure import Figure

from attnlab.reporting.charts import drawn, library
from attnlab.reporting.charts.marks import Cost, Curve, Difference, Mean
from attnlab.reporting.pages.report.contents import Chart, Table, Text, plain
from attnlab.reporting.terminal.text import score_text

LANGUAGES = ("en", "zh")
NOTHING = plain("-")
ARM = Text("arm", "组")
UPDATES = Text("updates", "更新次数")
SPLITS = {"train": Text("training", "训练"), "val": Text("validation", "验证")}


def forest(rows: Sequence[Difference], *, metric: str, control: str, margin: float | None) -> Chart:
    """Each arm's difference from the control."""
    x = Text(f"{metric} less {control}'s", f"{metric} 与 {control} 之差")
    about = Text(
        f"How far each arm's {metric} is from {control}'s, with plain 95 % intervals.",
        f"各组 {metric} 与 {control} 之差，附未校正的 95 % 区间。",
    )
    heads = [ARM, Text("difference", "差"), Text("from", "下限"), Text("to", "上限"), Text("verdict", "结论")]
    cells = [
        [
            plain(each.arm),
            *(NOTHING if each.difference is None else plain(f"{value:+.4g}") for value in each[3:]),
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


def leaderboard(rows: Sequence[Mean], *, metric: str, control: str | None) -> Chart:
    """Each arm's mean score, in the order given."""
    about = Text(
        f"Each arm's mean {metric} with its 95 % interval over new seeds on this very test set, and every run. "
        "It compares no arms: two intervals that overlap may differ, and the other way round.",
        f"各组 {metric} 的均值及其 95 % 区间（换种子、同一测试集），以及每次运行。"
        "此图不作比较：区间重叠的两组也可能有别，反之亦然。",
    )
    heads = [ARM, Text("runs", "运行次数"), Text(f"mean {metric}", f"{metric} 均值"), Text("from", "下限")]
    heads += [Text("to", "上限"), Text("each run", "每次运行")]
    cells = [
        [
            plain(each.arm),
            plain(str(len(each.runs))),
            _score(each.mean),
            _score(each.low),
            _score(each.high),
            plain(", ".join(map(score_text, each.runs))),
        ]
        for each in rows
    ]
    middle = next((each.mean for each in rows if each.arm == control), None)
    return _made(
        "leaderboard",
        Text("Leaderboard", "排行"),
        about,
        Table(name="leaderboard-numbers", caption=about, heads=heads, rows=cells),
        lambda vega, at: vega.means(rows, x=metric, about=about[at], control=middle),
        lambda at: drawn.means(rows, x=metric, control=middle),
    )


def quality(rows: Sequence[Cost], *, name: str, cost: Text, metric: str) -> Chart:
    """Scores against what they cost."""
    about = Text(f"Each arm's mean {metric} against its {cost[0]}.", f"各组 {metric} 的均值与其{cost[1]}。")
    cells = [
        [plain(each.arm), NOTHING if each.cost is None else plain(_amount(each.cost)), _score(each.mean)]
        for each in rows
    ]
    heads = [ARM, cost, Text(f"mean {metric}", f"{metric} 均值")]
    return _made(
        f"against-{name}",
        Text(f"Against {cost[0]}", f"与{cost[1]}"),
        about,
        Table(name=f"against-{name}-numbers", caption=about, heads=heads, rows=cells),
        lambda vega, at: vega.costs(rows, x=cost[at], y=metric, about=about[at]),
        lambda at: drawn.costs(rows, x=cost[at], y=metric),
    )


def learning(rows: Sequence[Curve], *, metric: str, split: str) -> Chart:
    """How a score moved in training, of each arm: the mean over seeds, from the least to the greatest."""
    where = SPLITS[split]
    title = Text(f"{metric} in {where[0]}", f"{where[1]}的 {metric}")
    about = Text(
        f"{metric} in {where[0]} by updates: each arm's mean over its seeds, in a band from the least to the greatest.",
        f"{where[1]}的 {metric} 随更新次数的变化：各组各种子的均值，色带从最小到最大。",
    )
    name = f"{split}-{_slug(metric)}"
    return _made(
        name,
        title,
        about,
        _by_steps(name, UPDATES, rows, about=about),
        lambda vega, language: vega.curves(rows, x=UPDATES[language], y=metric, about=about[language]),
        lambda language: drawn.curves(rows, x=UPDATES[language], y=metric),
    )


def expected_best(rows: Sequence[Curve], *, metric: str) -> Chart:
    """The best score of validation that so many trials of tuning give on average, of each arm."""
    about = Text(
        f"The best {metric} that so many of its trials give each arm on average. Where a curve still moves, more "
        "trials may give better.",
        f"各组取用这么多次试验时，{metric} 最佳值的期望。曲线仍在变好，说明再多试可能更好。",
    )
    trials = Text("trials spent", "所用试验数")
    y = Text(f"expected best {metric}", f"{metric} 期望最佳")
    return _made(
        "expected-best",
        Text("Expected best by trials spent", "期望最佳与所用试验数"),
        about,
        _by_steps("expected-best", trials, rows, about=about),
        lambda vega, at: vega.curves(rows, x=trials[at], y=y[at], about=about[at]),
        lambda at: drawn.curves(rows, x=trials[at], y=y[at]),
    )


def _by_steps(name: str, step: Text, rows: Sequence[Curve], *, about: Text, heads: Sequence[Text] = ()) -> Table:
    """A row a step, a column a curve, headed by its arm's name or else by `heads`."""
    at = {each.arm: {point.step: point for point in each.points} for each in rows}
    steps = sorted({step for points in at.values() for step in points})
    return Table(
        name=f"{name}-numbers",
        caption=about,
        heads=[step, *(heads or [plain(each.arm) for each in rows])],
        rows=[[plain(f"{step:,}"), *(_range(at[each.arm].get(step)) for each in rows)] for step in steps],
    )


def moved(rows: Sequence[Curve], *, metric: str) -> Chart:
    """How a score moved in one run, a curve for each split."""
    about = Text(f"{metric} by updates.", f"{metric} 随更新次数的变化。")
    name = f"moved-{_slug(metric)}"
    splits = [SPLITS.get(each.arm, plain(each.arm)) for each in rows]
    named = [
        [each._replace(arm=split[language]) for each, split in zip(rows, splits, strict=True)] for language in (0, 1)
    ]
    return _made(
        name,
        plain(metric),
        about,
        _by_steps(name, UPDATES, rows, about=about, heads=splits),
        lambda vega, at: vega.curves(named[at], x=UPDATES[at], y=metric, about=about[at]),
        lambda at: drawn.curves(named[at], x=UPDATES[at], y=metric),
    )


def _made(
    name: str,
    title: Text,
    about: Text,
    table: Table,
    spec: Callable[[Any, int], dict[str, Any]],
    figure: Callable[[int], Figure],
) -> Chart:
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


def _score(value: float | None) -> Text:
    return NOTHING if value is None else plain(score_text(value))


def _amount(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else score_text(value)


def _range(point: Any) -> Text:
    if point is None:
        return NOTHING
    mean, low, high = (score_text(value) for value in point[1:])
    return plain(mean if low == high else f"{mean} ({low} - {high})")
