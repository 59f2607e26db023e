"""One run's page: its scores, how it learned, some of its answers, and what it attended to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from attnlab.reporting.charts import library
from attnlab.reporting.pages import rendered
from attnlab.reporting.pages.linked_maps import heading
from attnlab.reporting.pages.report.contents import BoxKey, Chart, SampleGroup, Table, Text


@dataclass(frozen=True, kw_only=True)
class RunPage:
    """The whole page; what is empty has no section.

    Attributes:
        about: what the run did, in a line.
        scores: tables, all but single classes first.
        no_curves: why there are none, where there are none.
        maps: what `linked` gives; where it gives none, `no_maps` says why.
        facts: pairs of what and which.
        command: by which the run was done.
    """

    title: Text
    about: Sequence[Text] = ()
    scores: Sequence[Table]
    warnings: Sequence[Text]
    curves: Sequence[Chart]
    no_curves: Text
    samples: Sequence[SampleGroup]
    box_key: BoxKey | None = None
    maps: Mapping[str, Any] | None
    no_maps: Text
    facts: Sequence[tuple[Text, Text]]
    command: str | None

    @property
    def made(self) -> bool:
        """Whether samples are what the run made, and not examples of the test."""
        return any(sample.made for group in self.samples for sample in group.samples)


def run_page(page: RunPage) -> str:
    """One file, complete in itself: it fetches nothing, and all texts are escaped."""
    charts = {each.name: each.spec for each in page.curves if each.spec is not None}
    sections = [
        ("scores", True, Text("Scores", "分数")),
        ("curves", True, Text("Learning curves", "学习曲线")),
        ("samples", page.samples, Text("Samples", "样例")),
        ("maps", True, Text(*heading(page.maps))),
        ("receipts", True, Text("Receipts", "复现依据")),
    ]
    values = {
        "title": page.title,
        "page": page,
        "maps_heading": Text(*heading(page.maps)),
        "sections": [(name, text) for name, there, text in sections if there],
        "charts": charts,
        "library": Markup(library.script()) if charts else "",  # a script as it stands
    }
    return rendered("run_page.html.j2", values)
