"""The page of one run has a section for what is there, in both languages."""

from dataclasses import replace

from attnlab.reporting.pages.report.contents import Answer, Sample, SampleGroup, Span, Table, Text, plain
from attnlab.reporting.pages.run_page import RunPage, run_page

PAGE = RunPage(
    title=plain("a run"),
    scores=[Table(name="scores-table", caption=plain("all"), heads=[plain("score")], rows=[[plain("loss")]])],
    warnings=[],
    curves=[],
    no_curves=Text("too short", "太短"),
    samples=[],
    maps=None,
    no_maps=Text("there are none", "没有"),
    facts=[],
    command=None,
)


def test_what_is_not_there_has_neither_section_nor_entry() -> None:
    page = run_page(PAGE)
    assert page.count('href="#') == 5  # the skip link, scores, curves, maps, receipts
    assert 'id="samples"' not in page
    assert 'data-testid="no-curves"' in page
    answer = Answer(name=Text("answer", "回答"), arm="", spans=[Span("Ada", "PER"), Span(" went")], right=True)
    sample = Sample(number=7, given="Ada went", picture=None, size=None, answers=[answer])
    page = run_page(replace(PAGE, samples=[SampleGroup(title=plain("some"), samples=[sample])], command="attnlab"))
    assert 'href="#samples"' in page
    assert '<mark>Ada<b class="label">PER</b></mark> went' in page
    assert page.count('data-lang="en"') == page.count('data-lang="zh"')
