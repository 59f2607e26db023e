"""What is on a study's page alone: its contents, its charts, the arms that are shown, commands to copy."""

import re
from collections.abc import Callable

import pytest
from made_study_pages import STUDY_PAGES
from playwright.sync_api import Page, expect
from views import DESKTOP, PHONE, View
from watched_page import WatchedPage

Opened = Callable[[str, View], WatchedPage]
CHARTED = "study_of_writing"  # with Vega-Lite's charts; others are drawn


@pytest.mark.parametrize("name", STUDY_PAGES)
def test_a_page_is_in_order_all_text_is_text_and_charts_have_their_numbers(name: str, opened: Opened) -> None:
    page = opened(name, DESKTOP).page
    _contents_lead_to_every_section_and_verdicts_come_first(page)
    _every_chart_has_its_numbers_and_the_words_of_what_is_seen(page)
    assert page.locator("main :is(b:not(.label), b b, script:not([type='application/json']))").count() == 0
    assert page.locator("img:not([src^='data:'])").count() == 0


def _contents_lead_to_every_section_and_verdicts_come_first(page: Page) -> None:
    led = page.locator("nav a").evaluate_all("links => links.map(each => each.getAttribute('href').slice(1))")
    sections = page.locator("main section[id]").evaluate_all("sections => sections.map(each => each.id)")
    assert led == sections
    assert led[0] == "verdicts"


SEEN = "all => all.length > 0 && all.every(each => each.checkVisibility({ contentVisibilityAuto: true }))"
# In the page itself: each step from here takes its time.
NUMBERS = """figures => figures.map(each => {
  const numbers = each.querySelector("details");
  numbers.querySelector("summary").click();
  return numbers.querySelector("tbody tr").checkVisibility() && each.querySelector("figcaption").innerText.trim() !== ""
    && each.querySelector("svg, img.drawn") !== null;
})"""


def _every_chart_has_its_numbers_and_the_words_of_what_is_seen(page: Page) -> None:
    for chart in page.locator("[data-chart]").all():
        expect(chart.locator("svg")).to_be_visible()
    assert all(page.locator("figure.chart").evaluate_all(NUMBERS))
    captions = page.locator("table").evaluate_all("each => each.map(one => one.querySelectorAll('caption').length)")
    assert set(captions) == {1}


def test_each_link_of_the_contents_leads_to_its_section(opened: Opened) -> None:
    page = opened(CHARTED, DESKTOP).page
    for link in page.locator("nav a").all():
        link.click()
        expect(page.locator(page.evaluate("location.hash"))).to_be_in_viewport()


def test_why_a_verdict_holds_is_behind_it(opened: Opened) -> None:
    page = opened(CHARTED, DESKTOP).page
    why = page.get_by_test_id("why-0")
    expect(why.locator("dl")).to_be_hidden()
    why.locator("summary").click()
    expect(why.locator("dl")).to_be_visible()


LONG = "<details><summary>Input: <span dir='auto'>it begins</span></summary><p>it begins and goes on</p></details>"


def test_on_paper_reasons_stand_and_what_nobody_opened_leaves_no_line(opened: Opened) -> None:
    watched = opened(CHARTED, DESKTOP)
    page = watched.page
    page.get_by_test_id("numbers-forest").locator("summary").click()
    page.locator(".sample").first.evaluate("(sample, long) => sample.insertAdjacentHTML('beforeend', long)", LONG)
    page.emulate_media(media="print")
    for hidden_before in (".finding dl", ".sample details > p"):
        # What is skipped is told anew with the next frame alone.
        page.wait_for_function(f"selector => ({SEEN})([...document.querySelectorAll(selector)])", arg=hidden_before)
    expect(page.locator(".sample summary > [dir]").first).to_be_hidden()
    expect(page.get_by_test_id("numbers-forest").locator("table")).to_be_visible()
    expect(page.get_by_test_id("numbers-leaderboard")).to_be_hidden()
    expect(page.get_by_test_id("runs")).to_be_hidden()
    watched.screenshot(of="printed")


# Leaves as many answers as are asked for, the first of which is right, and tells how many stand in each row.
ROWS = """(list, many) => {
  while (list.children.length > many) list.lastElementChild.remove();
  while (list.children.length < many) list.append(list.lastElementChild.cloneNode(true));
  const tops = [...list.children].map(each => Math.round(each.getBoundingClientRect().top));
  return [...new Set(tops)].map(top => tops.filter(each => each === top).length);
}"""


def test_no_answer_stands_alone_where_there_is_room_for_two(opened: Opened) -> None:
    page = opened(CHARTED, DESKTOP).page
    answers = page.locator(".answers").first
    for width in (320, 600, 768, 900, 1024, 1150, 1280, 1600):
        page.set_viewport_size({"width": width, "height": 800})
        for many in range(2, 9):
            rows = answers.evaluate(ROWS, many)
            arms = rows[1:] if rows[0] == 1 else rows  # what is right may have a row of its own
            assert max(rows) == 1 or min(arms) > 1, (width, rows)


def test_an_arm_that_is_hidden_is_gone_from_samples_and_charts_and_comes_back(opened: Opened) -> None:
    watched = opened(CHARTED, DESKTOP)
    page = watched.page
    chart = page.get_by_test_id("chart-leaderboard")
    expect(chart.locator("svg")).to_contain_text("uniform")
    answers = page.locator("li[data-arm=uniform]")
    assert answers.count() > 0
    box = page.get_by_test_id("arms").get_by_label("uniform")
    box.focus()
    page.keyboard.press("Space")
    expect(answers.first).to_be_hidden()
    expect(chart.locator("svg")).not_to_contain_text("uniform")
    expect(page.get_by_test_id("status")).to_contain_text("uniform")
    expect(page.locator("li[data-arm=none]").first).to_be_visible()
    watched.screenshot(of="without_an_arm")
    box.click()
    expect(answers.first).to_be_visible()
    expect(chart.locator("svg")).to_contain_text("uniform")


def test_arms_are_chosen_beside_the_samples_and_maps_too_and_all_choices_agree(opened: Opened) -> None:
    page = opened(CHARTED, PHONE).page
    panel = page.locator(".map[data-arm=uniform]")
    boxes = [page.get_by_test_id(f"{beside}arms").get_by_label("uniform") for beside in ("", "samples-", "maps-")]
    boxes[2].focus()
    page.keyboard.press("Space")
    expect(panel).to_be_hidden()
    for box in boxes:
        expect(box).not_to_be_checked()
    boxes[1].tap()
    expect(panel).to_be_visible()
    for box in boxes:
        expect(box).to_be_checked()


def test_without_an_arm_a_line_asks_for_one_and_the_charts_come_back(opened: Opened) -> None:
    watched = opened(CHARTED, DESKTOP)
    page = watched.page
    chart = page.get_by_test_id("chart-leaderboard")
    expect(chart.locator("svg")).to_contain_text("uniform")
    names = page.locator("[data-testid=arms] [data-shows]").evaluate_all("all => all.map(each => each.dataset.shows)")
    for name in names:
        page.get_by_test_id("arms").get_by_label(name, exact=True).uncheck()
    expect(chart).to_be_hidden()
    expect(page.locator("#costs .no-arm").first).to_contain_text("Tick an arm")
    expect(page.locator("#costs .no-arm").first).to_be_visible()
    page.get_by_test_id("language").click()  # nothing is drawn that can't be seen
    watched.screenshot(of="without_any_arm")
    assert watched.violations() == []
    page.get_by_test_id("arms").get_by_label("uniform", exact=True).check()
    expect(chart.locator("svg")).to_contain_text("uniform")
    expect(page.locator(".no-arm").first).to_be_hidden()
    assert watched.faults == []


CUT_TITLES = """each => {
  const whole = each.querySelector("svg").getBoundingClientRect();
  const cut = title => (box => box.left < whole.left - 1 || box.right > whole.right + 1)(title.getBoundingClientRect());
  return [...each.querySelectorAll(".role-axis-title text")].filter(cut).map(title => title.textContent);
}"""


def _charts(page: Page) -> list[str]:
    for chart in page.locator("[data-chart]").all():
        expect(chart.locator("svg")).to_be_visible()
    return page.locator("[data-chart]").all_inner_texts()


@pytest.mark.parametrize("view", [DESKTOP, PHONE], ids=str)
def test_charts_are_drawn_in_the_pages_language_and_scheme_and_fit_their_place(view: View, opened: Opened) -> None:
    watched = opened(CHARTED, view)
    page = watched.page
    english = _charts(page)
    assert english
    assert [cut for chart in page.locator("[data-chart]").all() for cut in chart.evaluate(CUT_TITLES)] == []
    page.get_by_test_id("scheme").click()
    page.get_by_test_id("language").click()
    expect(page.locator("[data-chart=forest] svg")).to_contain_text("之差")
    for chart in page.locator("[data-chart]").all():
        inside = chart.evaluate(
            "each => [each.querySelector('svg').getBoundingClientRect().width, each.getBoundingClientRect().width]"
        )
        assert inside[0] <= inside[1] + 1
        assert chart.evaluate(CUT_TITLES) == []
    watched.screenshot(of="switched")
    assert watched.violations() == []


def test_a_command_is_copied_and_that_is_said(opened: Opened) -> None:
    page = opened(CHARTED, DESKTOP).page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_test_id("copy-1").click()
    expect(page.get_by_test_id("status")).to_contain_text("copied")
    expect(page.get_by_test_id("copy-1")).to_have_text("copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#command-1").inner_text()
    assert re.match("attnlab train .*seed=SEED", copied)
    page.get_by_test_id("copy-1").click()
    expect(page.get_by_test_id("copy-1").locator("[lang=en]")).to_have_text("Copy")


def test_the_command_of_every_run_is_copied_by_a_button_that_names_the_run(opened: Opened) -> None:
    page = opened("study_of_failures", DESKTOP).page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    runs = page.get_by_test_id("runs")
    runs.locator("summary").click()
    rows, buttons = runs.locator("tbody tr"), runs.locator("button")
    finished = rows.filter(has_text="attnlab train").count()
    assert 0 < buttons.count() == finished < rows.count(), "what failed left no command"
    button = runs.get_by_role("button", name=re.compile("^Copy ?: none, 0$"))
    button.click()
    expect(page.get_by_test_id("status")).to_contain_text("copied")
    assert page.evaluate("navigator.clipboard.readText()") == "attnlab train attention=additive"


def test_where_nothing_may_be_copied_the_command_is_chosen_instead(opened: Opened) -> None:
    page = opened(CHARTED, DESKTOP).page
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')) }")
    page.get_by_test_id("copy-0").press("Enter")
    expect(page.get_by_test_id("status")).to_contain_text("selected")
    assert page.evaluate("getSelection().toString()") == page.locator("#command-0").inner_text()


@pytest.mark.parametrize("view", [DESKTOP, PHONE], ids=str)
def test_a_table_is_cut_only_where_it_says_so_and_the_verdict_is_seen_first(view: View, opened: Opened) -> None:
    page = opened(CHARTED, view).page
    verdict = page.get_by_test_id("verdict-table").locator("tbody tr").nth(1).locator("td").first
    box = verdict.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= view.device["viewport"]["width"]
    for table in page.locator(".more + .scroll:visible").all():
        cut = table.evaluate("each => each.scrollWidth > each.clientWidth + 1")
        said = table.locator("xpath=preceding-sibling::*[1]")
        expect(said).to_be_visible() if cut else expect(said).to_be_hidden()
    for command in page.locator("pre").all():
        assert command.evaluate("each => each.scrollWidth <= each.clientWidth + 1")


# How far the heads of a table's rows and of their column are from its left edge once it is scrolled, and whether any is
# seen through, or goes on in the next line within a word.
HEADS = """box => {
  box.scrollLeft = 1000;
  const left = box.getBoundingClientRect().left;
  return [...box.querySelectorAll("tbody th, thead th:first-child")].map(head => {
    const style = getComputedStyle(head), widest = document.createElement("span");
    widest.style.cssText = "position: absolute; white-space: pre";
    widest.textContent = head.innerText.split(/(?<=[_.=,/\\s])/).sort((a, b) => b.length - a.length)[0];
    head.append(widest);
    const word = widest.getBoundingClientRect().width;
    widest.remove();
    return [Math.round(head.getBoundingClientRect().left - left), style.backgroundColor !== "rgba(0, 0, 0, 0)",
      word <= head.getBoundingClientRect().width + 1];
  });
}"""


def test_a_rows_name_stays_in_sight_and_whole_where_a_table_is_scrolled_sideways(opened: Opened) -> None:
    watched = opened(CHARTED, PHONE)
    tables = watched.page.locator(".more:not([hidden]) + .scroll:visible")
    assert tables.count() > 0
    for table in tables.all():
        assert {tuple(each) for each in table.evaluate(HEADS)} == {(0, True, True)}
    watched.screenshot(of="scrolled")
