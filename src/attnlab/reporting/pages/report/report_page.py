"""From the contents of a comparison's page to its HTML."""

from collections.abc import Iterator

from markupsafe import Markup

from attnlab.reporting.charts import library
from attnlab.reporting.pages import rendered
from attnlab.reporting.pages.linked_maps import heading
from attnlab.reporting.pages.report.contents import Chart, Report, Text


def report_page(page: Report) -> str:
    """One file, complete in itself: it fetches nothing, and all texts are escaped."""
    charts = [each for each in _charts(page) if each.spec is not None]
    values = {
        "title": page.title,
        "page": page,
        "maps_heading": _maps_heading(page),
        "sections": list(_sections(page)),
        "charts": {each.name: each.spec for each in charts},
        "library": Markup(library.script()) if charts else "",  # a script as it stands
    }
    return rendered("report/report.html.j2", values)


def _charts(page: Report) -> Iterator[Chart]:
    if page.forest is not None:
        yield page.forest
    yield from (page.leaderboard, *page.costs)
    if page.tuning is not None and page.tuning.chart is not None:
        yield page.tuning.chart
    yield from page.curves


def _maps_heading(page: Report) -> Text:
    return Text(*heading(None if page.maps is None else page.maps.linked))


def _sections(page: Report) -> Iterator[tuple[str, Text]]:
    """What the table of contents has: the sections that are there."""
    found: list[tuple[str, object, Text]] = [
        ("verdicts", True, Text("Verdicts", "结论")),
        ("differences", page.forest, Text("Differences", "差别")),
        ("scores", True, Text("Scores", "分数")),
        ("costs", page.costs, Text("Quality against cost", "质量与代价")),
        ("tuning", page.tuning, Text("Tuning", "调参")),
        ("curves", page.curves, Text("Learning curves", "学习曲线")),
        ("samples", page.samples.groups, Text("Samples", "样例")),
        ("maps", page.maps, _maps_heading(page)),
        ("ablation", page.ablation, Text("Without learned attention", "消融")),
        ("diagnoses", page.diagnoses, Text("Diagnoses", "诊断")),
        ("ledger", page.ledger, Text("Arms and their costs", "各组与代价")),
        ("all-scores", page.scores, Text("All scores", "全部分数")),
        ("receipts", True, Text("Receipts", "复现依据")),
    ]
    yield from ((name, text) for name, there, text in found if there)
