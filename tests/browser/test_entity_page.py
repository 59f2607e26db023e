"""The words of a tagger's page show where they attended, however they are reached."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from views import DESKTOP, PHONE, View
from watched_page import WatchedPage

Opened = Callable[[str, View], WatchedPage]
SHADED = "each => each.style.background !== ''"


def _word(page: Page, text: str) -> Locator:
    return page.locator(".w").get_by_text(text, exact=True).first


@pytest.mark.parametrize("how", ["hover", "focus", "click", "tap"])
def test_a_word_that_is_pointed_at_shades_those_it_attended_to(how: str, opened: Opened) -> None:
    watched = opened("entities", PHONE if how == "tap" else DESKTOP)
    page, word = watched.page, _word(watched.page, "Lovelace")
    {"hover": word.hover, "focus": word.focus, "click": word.click, "tap": word.tap}[how]()
    expect(word).to_have_attribute("aria-pressed", "true")
    first, other = page.locator("article").nth(0), page.locator("article").nth(1)
    assert first.locator(".w").evaluate_all(f"words => words.filter({SHADED}).length") > 3
    assert other.locator(".w").evaluate_all(f"words => words.filter({SHADED}).length") == 0
    assert first.locator(".w").evaluate_all("words => words.some(each => each.style.borderBottomStyle === 'dashed')")
    assert page.locator("#said").inner_text().startswith("Lovelace looked most at: ")
    assert watched.violations() == []
    watched.screenshot(of=how)
    page.locator("h1").click()
    assert page.locator(".w").evaluate_all(f"words => words.filter({SHADED}).length") == 0


def test_a_word_that_is_pinned_is_shown_until_it_is_let_go_and_keys_reach_the_ends_of_a_text(opened: Opened) -> None:
    watched = opened("entities", DESKTOP)
    page = watched.page
    ada, lovelace = _word(page, "Ada"), _word(page, "Lovelace")
    lovelace.click()
    ada.hover()
    expect(lovelace).to_have_attribute("aria-pressed", "true")
    watched.screenshot(of="pinned")
    page.keyboard.press("Escape")
    lovelace.hover()
    ada.hover()
    expect(ada).to_have_attribute("aria-pressed", "true")
    ada.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    expect(page.locator("article").first.locator(".w").last).to_be_focused()
    expect(ada).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Home")
    expect(ada).to_be_focused()


def test_arrows_move_through_a_text_as_it_is_read_and_the_tab_key_to_the_next(opened: Opened) -> None:
    page = opened("entities", DESKTOP).page
    _word(page, "Ada").focus()
    page.keyboard.press("ArrowLeft")
    expect(_word(page, "Ada")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(_word(page, "Lovelace")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("summary").first).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("article").nth(1).locator(".w").first).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(_word(page, "דוד")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(_word(page, "המלך")).to_be_focused()
    for _ in range(4):
        page.keyboard.press("Shift+Tab")
    expect(_word(page, "Lovelace")).to_be_focused()


def test_weights_are_numbers_of_the_head_that_is_chosen(opened: Opened) -> None:
    watched = opened("entities", DESKTOP)
    page, ada, lovelace = watched.page, _word(watched.page, "Ada"), _word(watched.page, "Lovelace")
    ada.click()
    seen = set()
    for head in ("mean", "0", "1", "2"):
        page.get_by_test_id("head").select_option(head)
        page.locator("h1").hover()
        lovelace.hover()
        weight = lovelace.get_attribute("title")
        assert page.locator("#said").inner_text() == f"Ada gave Lovelace {weight}"
        seen.add(weight)
    assert len(seen) == 4
    page.locator("summary").first.click()
    first = page.locator("details").first.locator("tbody tr").first
    expect(first).to_have_class("from")
    assert first.locator("td").nth(1).inner_text() == weight
    assert watched.violations() == []
    watched.screenshot(of="numbers")
