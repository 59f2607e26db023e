"""What every page has: a language, a scheme, a way past what stands first, and a look on paper."""

import re
from collections.abc import Callable

import pytest
from made_pages import TEMPLATES
from playwright.sync_api import Page, expect
from views import DESKTOP, VIEWS, View
from watched_page import WatchedPage

Opened = Callable[[str, View], WatchedPage]
BACKGROUND = "getComputedStyle(document.body).backgroundColor"


def _is_dark(page: Page) -> bool:
    red, green, blue = re.findall(r"[\d.]+", page.evaluate(BACKGROUND))[:3]
    return sum(map(float, (red, green, blue))) < 3 * 128


def _said_in(page: Page, language: str) -> str:
    """The page's own texts in a language, as far as they are shown."""
    texts: list[str] = page.evaluate(
        "language => [...document.querySelectorAll(`[data-lang=${language}]`)].filter(each => each.checkVisibility())"
        ".map(each => each.innerText)",
        language,
    )
    return "".join(texts)


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_a_page_opens_in_the_readers_language_and_scheme(view: View, opened: Opened) -> None:
    page = opened("entities", view).page
    assert page.evaluate("document.documentElement.lang")[:2] == view.language[:2]
    assert _is_dark(page) == (view.scheme == "dark")
    shown, hidden = ("zh", "en") if view.language.startswith("zh") else ("en", "zh")
    # What is left is the other language's own name, on the button that leads to it.
    assert _said_in(page, shown)
    assert _said_in(page, hidden) == ""


@pytest.mark.parametrize("name", TEMPLATES)
def test_both_buttons_lead_there_and_back_and_what_was_chosen_is_kept(name: str, opened: Opened) -> None:
    watched = opened(name, DESKTOP)
    page = watched.page
    language, scheme = page.get_by_test_id("language"), page.get_by_test_id("scheme")
    for chinese, dark in ((True, True), (False, False), (True, True)):
        language.click()
        scheme.click()
        assert page.evaluate("document.documentElement.lang").startswith("zh") == chinese
        assert _is_dark(page) == dark
        led = {(False, False): "Dark colours", (True, True): "浅色外观"}
        expect(scheme).to_have_accessible_name(led[chinese, dark])
        assert scheme.inner_text() == led[chinese, dark]
    assert watched.violations() == []
    page.reload()
    assert page.evaluate("document.documentElement.lang").startswith("zh")
    assert _is_dark(page)
    # Paper is white whatever was chosen, and has no buttons to press.
    page.emulate_media(media="print", color_scheme="light")
    assert not _is_dark(page)
    expect(page.get_by_test_id("scheme")).to_be_hidden()
    watched.screenshot(of="printed")


def test_a_browser_that_keeps_nothing_shows_the_page_all_the_same(opened: Opened) -> None:
    page = opened("entities", DESKTOP).page
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })")
    page.reload()
    page.get_by_test_id("language").click()
    assert page.evaluate("document.documentElement.lang").startswith("zh")


def test_the_first_key_leads_past_the_settings(opened: Opened) -> None:
    page = opened("entities", DESKTOP).page
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_page_can_be_read_without_scripts(name: str, opened_without_scripts: Opened) -> None:
    watched = opened_without_scripts(name, DESKTOP)
    page = watched.page
    assert page.locator("main").inner_text().strip()
    assert _said_in(page, "zh") == ""
    expect(page.get_by_test_id("language")).to_be_hidden()
    watched.screenshot(of="without_scripts")
