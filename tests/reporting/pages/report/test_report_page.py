"""The page of a comparison, of contents that were made by hand."""

from dataclasses import replace

import pytest
from tiny_pages import EVIL, check_page

from attnlab.reporting.charts import library, made
from attnlab.reporting.charts.marks import Mean
from attnlab.reporting.pages.report.contents import (
    Answer,
    Box,
    BoxKey,
    Command,
    Finding,
    Maps,
    Mark,
    Report,
    Sample,
    SampleGroup,
    Samples,
    Span,
    Table,
    Text,
    plain,
)
from attnlab.reporting.pages.report.report_page import report_page

BOTH = Text("in English", "中文")


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> Report:
    """With as little as there can be."""
    monkeypatch.setattr(library, "script", lambda: "const vegaEmbed = 0;")

    def table(name: str) -> Table:
        return Table(name=name, caption=BOTH, heads=[BOTH, BOTH], rows=[[plain(EVIL), plain("0.5")]])

    return Report(
        title=plain(EVIL),
        arms=[EVIL],
        about=[],
        told=[],
        pairs=None,
        summary=[],
        findings=[],
        verdicts=table("verdict-table"),
        footnotes=[],
        notes=[],
        forest=None,
        leaderboard=made.leaderboard([Mean(EVIL, 0.5, None, None, (0.5,))], metric=EVIL, control=None, better="max"),
        costs=[],
        curves=[],
        tuning=None,
        samples=Samples([], []),
        maps=None,
        ablation=None,
        diagnoses=None,
        ledger=None,
        scores=None,
        receipts=[],
        runs=table("run-table"),
        commands=[],
    )


def test_what_is_empty_has_no_section_and_no_place_in_the_contents(report: Report) -> None:
    page = check_page(report_page(report))
    assert [each["href"] for each in page.all_of("a")] == ["#main", "#verdicts", "#scores", "#receipts"]
    assert not page.all_of("fieldset"), "of one arm none is chosen"


def test_names_of_anyone_are_no_markup_in_text_attributes_and_data(report: Report) -> None:
    finding = Finding(
        arm=EVIL, kind="better", label=BOTH, marks=[BOTH], sentence=plain(EVIL), beside=[plain(EVIL)],
        believe=[(BOTH, plain(EVIL))],
    )  # fmt: skip
    answers = [
        Answer(name=plain(EVIL), arm=EVIL, spans=[Span(EVIL, EVIL)], right=False),
        Answer(
            name=BOTH, arm=None, marks=[Mark(Box(1, 2, 3, 4, EVIL, 0.5), "hit", 0, "7")], rows=[(BOTH, plain(EVIL))]
        ),
    ]
    sample = Sample(number=7, given=EVIL * 9, picture="data:image/png;base64,AA", size=(8, 4), answers=answers)
    full = replace(
        report,
        arms=[EVIL, "other"],
        notes=[plain(EVIL)],
        findings=[finding],
        samples=Samples([SampleGroup(title=BOTH, samples=[sample])], [], BoxKey(about=plain(EVIL), classes=[EVIL])),
        commands=[Command(name=plain(EVIL), arm=EVIL, line=f"attnlab train {EVIL}")],
    )
    html = report_page(full)
    page = check_page(html)
    assert page.headings[0][1] == EVIL
    assert "alert(1)</script>" not in html
    assert not any(each.lstrip().startswith("alert") for each in page.scripts)
    assert {each["data-shows"] for each in page.all_of("input")} == {EVIL, "other"}
    assert [each["href"] for each in page.all_of("image")] == ["data:image/png;base64,AA"]
    assert page.all_of("rect")[0] | {"x": "1", "width": "2"} == page.all_of("rect")[0]


def test_boxes_of_detectors_are_headed_as_boxes_in_the_text_and_in_the_contents(report: Report) -> None:
    view = {"kind": "boxes", "name": "boxes", "layers": [], "left_out": 0, "found": [], "there": [], "classes": []}
    example = {"id": 1, "texts": {}, "image": None, "arms": {EVIL: {"title": "", "truth": "", "views": [view]}}}
    maps = Maps(about=BOTH, linked={"names": [EVIL], "why": {EVIL: None}, "examples": [example]})
    html = report_page(replace(report, maps=maps))
    assert html.count(">Boxes found<") == html.count(">检出的框<") == 2
    assert "Attention maps" not in html
