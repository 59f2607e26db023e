"""What holds of every page, whoever reads it: complete, quiet, accessible, and no wider than the screen."""

from collections.abc import Callable

import pytest
from made_pages import MADE
from views import VIEWS, View
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
