"""What holds of every page, whoever reads it: complete, quiet, accessible, and usable by mouse and by keyboard."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from controls import (
    Control,
    controls_of,
    first_and_last_of_each_kind,
    is_there,
    pretenders_of,
    state_after,
    state_of,
    tab_through,
    use_by_keyboard,
    use_by_mouse,
)
from made_pages import MADE
from playwright.sync_api import Page
from views import DESKTOP, PHONE, VIEWS, View
from watched_page import WatchedPage

Opened = Callable[[str, View], WatchedPage]


CHINESE = re.compile("[\u4e00-\u9fff]")
WORDS = re.compile("[A-Za-z]{2,} [A-Za-z]{2,}")  # a name alone is the same in both
CLOSED = "details:not([open]) > summary:visible"


# A page takes longer to open than to look at: what changes nothing is looked at on one, and axe looks once a scheme.
@pytest.mark.parametrize("view", VIEWS, ids=str)
@pytest.mark.parametrize("name", MADE)
def test_a_page_is_whole_accessible_and_fits_the_screen(name: str, view: View, opened: Opened) -> None:
    watched = opened(name, view)
    page = watched.page
    watched.screenshot()
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"the page is {wide} px wider than the screen"
    if view == PHONE:
        _tab_key_comes_to_every_control_in_order_and_shows_where_it_is(page)
        assert watched.violations() == []
    if view == DESKTOP:
        _every_control_says_what_it_is(page)
        _headings_go_down_one_by_one_and_links_lead_somewhere(page)
        _everything_can_be_opened(page)
        watched.screenshot(of="opened")
        assert watched.violations() == []
        _each_text_of_the_page_itself_is_there_in_both_languages(page)


def _tab_key_comes_to_every_control_in_order_and_shows_where_it_is(page: Page) -> None:
    controls = controls_of(page)
    reached, faults = tab_through(page)
    assert faults == []
    assert [str(controls[number]) for number in reached] == [str(each) for each in controls]


def _every_control_says_what_it_is(page: Page) -> None:
    controls = controls_of(page)
    assert pretenders_of(page) == []
    assert [each for each in controls if not each.name or not each.role] == []


def _headings_go_down_one_by_one_and_links_lead_somewhere(page: Page) -> None:
    levels = page.locator(":is(h1, h2, h3, h4, h5, h6):visible").evaluate_all(
        "headings => headings.map(each => +each.localName[1])"
    )
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    lost = "links => links.filter(each => !document.querySelector(each.hash)).map(each => each.hash)"
    assert page.locator("a").evaluate_all(lost) == []
    policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    ids = page.locator("[id]").evaluate_all("each => each.map(one => one.id)")
    assert len(ids) == len({*ids})


def _everything_can_be_opened(page: Page) -> None:
    """Within the page, for each step from here takes its time; what was within what was opened, too."""
    while page.locator(CLOSED).count():
        page.locator(CLOSED).evaluate_all("summaries => summaries.forEach(each => each.click())")


def _each_text_of_the_page_itself_is_there_in_both_languages(page: Page) -> None:
    sizes = page.evaluate("['en', 'zh'].map(each => document.querySelectorAll(`[data-lang=${each}]`).length)")
    assert sizes[0] == sizes[1] > 0
    page.get_by_test_id("language").click()
    own = page.evaluate(
        "[...[...document.querySelectorAll('[data-lang=zh]')].map(each => each.innerText),"
        " ...[...document.querySelectorAll('[data-label-zh]')].map(each => each.getAttribute('data-label-zh'))]"
    )
    assert [each for each in own if WORDS.search(each) and not CHINESE.search(each)] == []


# One of each kind of control: the rest have the same.
@pytest.mark.parametrize("name", ["entities", "study_of_tags", "study_of_pictures", "study_of_boxes"])
def test_every_control_does_the_same_by_mouse_and_by_keyboard(name: str, opened: Opened) -> None:
    """Two readers do the same side by side, and begin anew where what was done before may be why a control fails."""
    readers = (opened(name, DESKTOP), opened(name, DESKTOP))
    controls = _begun(readers)
    for control in first_and_last_of_each_kind([each for each in controls if each.is_operated]):
        before, states = _done(readers, control)
        if len({*states}) > 1 or states[-1] == before:
            _begun(readers)
            before, states = _done(readers, control)
        assert states[-1] != before or control.chosen, f"{control} does nothing"
        assert len({*states}) == 1, f"{control} does one thing by mouse and another by keyboard"


def _done(readers: Sequence[WatchedPage], control: Control) -> tuple[str, list[str]]:
    """The state before a control was used, and after it was by the keyboard and by the mouse."""
    pages = [each.page for each in readers]
    if not all(is_there(page, control) and state_of(page) == state_of(pages[0]) for page in pages):
        _begun(readers)
    before = state_of(pages[0])
    use_by_keyboard(pages[1], control)
    states = [state_after(pages[1], before)]
    if control.onScreen:  # else it is a link that only the keyboard has
        use_by_mouse(pages[0], control)
        states.append(state_after(pages[0], before))
    return before, states


def _begun(readers: Sequence[WatchedPage]) -> list[Control]:
    found: list[Control] = []
    for each in readers:
        each.open()
        found = controls_of(each.page)
    return found
