"""What holds of every page, whoever reads it: complete, quiet, accessible, and usable by mouse and by keyboard."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from controls import (
    controls_of,
    first_and_last_of_each_kind,
    pretenders_of,
    state_after,
    state_of,
    tab_through,
    use_by_keyboard,
    use_by_mouse,
)
from made_pages import MADE
from views import DESKTOP, PHONE, VIEWS, View
from watched_page import WatchedPage

Opened = Callable[[str, View], WatchedPage]


@pytest.mark.parametrize("view", VIEWS, ids=str)
@pytest.mark.parametrize("name", MADE)
def test_a_page_is_accessible_and_fits_the_screen(name: str, view: View, opened: Opened) -> None:
    watched = opened(name, view)
    watched.screenshot()
    assert watched.violations() == []
    wide = watched.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"the page is {wide} px wider than the screen"


@pytest.mark.parametrize("name", MADE)
def test_the_tab_key_comes_to_every_control_in_order_and_shows_where_it_is(name: str, opened: Opened) -> None:
    page = opened(name, PHONE).page
    controls = controls_of(page)
    reached, faults = tab_through(page)
    assert faults == []
    assert [str(controls[number]) for number in reached] == [str(each) for each in controls]


@pytest.mark.parametrize("name", MADE)
def test_every_control_says_what_it_is(name: str, opened: Opened) -> None:
    page = opened(name, DESKTOP).page
    controls = controls_of(page)
    assert pretenders_of(page) == []
    assert [each for each in controls if not each.name or not each.role] == []


@pytest.mark.parametrize("name", MADE)
def test_headings_go_down_one_by_one_and_links_lead_somewhere(name: str, opened: Opened) -> None:
    page = opened(name, DESKTOP).page
    levels = page.locator(":is(h1, h2, h3, h4, h5, h6):visible").evaluate_all(
        "headings => headings.map(each => +each.localName[1])"
    )
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    lost = "links => links.filter(each => !document.querySelector(each.hash)).map(each => each.hash)"
    assert page.locator("a").evaluate_all(lost) == []
    assert (
        page.locator("meta[http-equiv=Content-Security-Policy]")
        .get_attribute("content")
        .startswith("default-src 'none'")
    )
    ids = page.locator("[id]").evaluate_all("each => each.map(one => one.id)")
    assert len(ids) == len({*ids})


# One of each kind of control: the rest have the same.
@pytest.mark.parametrize("name", ["entities", "study_of_tags", "study_of_pictures", "study_of_boxes"])
def test_every_control_does_the_same_by_mouse_and_by_keyboard(name: str, opened: Opened) -> None:
    watched = opened(name, DESKTOP)
    page = watched.page
    for control in first_and_last_of_each_kind([each for each in controls_of(page) if each.is_operated]):
        states = []
        for use in (use_by_mouse, use_by_keyboard):
            watched.open()
            controls_of(page)
            before = state_of(page)
            if use is use_by_mouse and not control.onScreen:
                continue  # a link that only the keyboard has
            use(page, control)
            states.append(state_after(page, before))
            assert states[-1] != before or control.chosen, f"{control} does nothing"
        assert len({*states}) == 1, f"{control} does one thing by mouse and another by keyboard"
