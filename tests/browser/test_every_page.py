"""What holds of every page, whoever reads it: complete, quiet, accessible, and usable by mouse and by keyboard."""

from collections.abc import Callable

import pytest
from controls import (
    controls_of,
    first_and_last_of_each_kind,
    pretenders_of,
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


@pytest.mark.parametrize("view", [DESKTOP, PHONE], ids=str)
@pytest.mark.parametrize("name", MADE)
def test_the_tab_key_comes_to_every_control_in_order_and_shows_where_it_is(
    name: str, view: View, opened: Opened
) -> None:
    page = opened(name, view).page
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
def test_every_control_does_the_same_by_mouse_and_by_keyboard(name: str, opened: Opened) -> None:
    watched = opened(name, DESKTOP)
    page = watched.page
    for control in first_and_last_of_each_kind(controls_of(page)):
        states = []
        for use in (use_by_mouse, use_by_keyboard):
            watched.open()
            controls_of(page)
            before = state_of(page)
            if use is use_by_mouse and not control.onScreen:
                continue  # a link that only the keyboard has
            use(page, control)
            states.append(state_of(page))
            assert states[-1] != before or control.chosen, f"{control} does nothing"
        assert len({*states}) == 1, f"{control} does one thing by mouse and another by keyboard"
