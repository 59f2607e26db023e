"""What is chosen in one map is chosen in all: by mouse, by touch and by keyboard, and it is said."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from views import DESKTOP, PHONE, View
from watched_page import WatchedPage

Opened = Callable[[str, View], WatchedPage]
SURE = "rect.found[aria-label='cell 0.9']"
ATTENDING = ("additive", "uniform")  # of the made studies' arms; the last has none


def _panel(page: Page, arm: str) -> Locator:
    return page.locator(f"[data-arm='{arm}'].map")


def _word(page: Page, arm: str, text: str) -> Locator:
    return _panel(page, arm).locator(".unit").filter(has_text=text).first


def _pressed(page: Page, arm: str) -> str:
    """What is chosen in an arm's map."""
    return "".join("".join(_panel(page, arm).locator("[aria-pressed=true]").all_inner_texts()).split())


def _choose(page: Page, test_id: str, index: int) -> None:
    page.get_by_test_id(test_id).select_option(index=index)


@pytest.mark.parametrize("how", ["hover", "focus", "click", "tap"])
def test_a_word_is_chosen_in_all_maps_however_it_is_pointed_at(how: str, opened: Opened) -> None:
    page = opened("study_of_tags", PHONE if how == "tap" else DESKTOP).page
    word = _word(page, "additive", "five")
    word.scroll_into_view_if_needed()
    {"hover": word.hover, "focus": word.focus, "click": word.click, "tap": word.tap}[how]()
    assert _pressed(page, "additive") == "five"
    # The other arm reads three characters at a time: its pieces that meet the word.
    assert _pressed(page, "uniform") == "five"
    said = page.get_by_test_id("maps-said").inner_text()
    assert all(f"{arm}: " in said for arm in ATTENDING)
    for arm in ATTENDING:
        strongest = _panel(page, arm).locator(".strongest").inner_text()
        assert strongest in said
        assert strongest.count(",") == 2, "the three strongest"


def test_arrow_keys_move_from_word_to_word_and_the_tab_key_comes_to_a_line_once(opened: Opened) -> None:
    page = opened("study_of_tags", DESKTOP).page
    _word(page, "additive", "short").focus()
    page.keyboard.press("ArrowRight")
    expect(_word(page, "additive", "sentence")).to_be_focused()
    assert _pressed(page, "additive") == "sentence"
    page.keyboard.press("ArrowLeft")
    assert _pressed(page, "additive") == "short"
    assert _panel(page, "additive").locator(".unit[tabindex='0']").count() == 1


def test_a_word_that_is_pinned_stays_chosen_until_it_is_let_go(opened: Opened) -> None:
    watched = opened("study_of_tags", DESKTOP)
    page = watched.page
    pin = page.locator(".pin")
    five, short = (_word(page, "additive", text) for text in ("five", "short"))
    five.click()
    expect(pin).to_be_visible()
    short.hover()
    assert _pressed(page, "additive") == "five", "what is pinned isn't left for what is pointed at"
    watched.screenshot(of="pinned")
    for let_go in (five.click, lambda: page.keyboard.press("Escape")):
        let_go()
        expect(pin).to_be_hidden()
        page.mouse.move(0, 0)
        short.hover()
        assert _pressed(page, "additive") == "short"
        five.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowLeft")
        assert [_pressed(page, arm) for arm in ATTENDING] == ["five"] * 2, "Enter pins as a click does"
    short.click()
    assert _pressed(page, "additive") == "short", "another takes its place"
    assert page.get_by_test_id("maps-said").inner_text().startswith("pinned")
    _choose(page, "maps-example", 1)
    expect(pin).to_be_hidden()


@pytest.mark.parametrize("name, box", [("study_of_pictures", "canvas"), ("study_of_boxes", SURE)])
def test_what_is_pinned_in_a_picture_stays_chosen_until_it_is_let_go(name: str, box: str, opened: Opened) -> None:
    page = opened(name, DESKTOP).page
    part, strongest = _panel(page, "additive").locator(box), _panel(page, "additive").locator(".strongest")
    part.click(position={"x": 3, "y": 3})
    pinned = strongest.inner_text()
    _panel(page, "uniform").locator(".stack").hover()
    assert strongest.inner_text() == pinned
    part.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".pin")).to_be_hidden()
    page.keyboard.press("End")
    assert strongest.inner_text() != pinned


def test_the_first_and_the_last_word_of_a_map_are_reached_by_a_key(opened: Opened) -> None:
    page = opened("study_of_writing", DESKTOP).page
    units = _panel(page, "additive").locator(".unit")
    units.nth(1).focus()
    before = page.evaluate("scrollY")
    page.keyboard.press("End")
    expect(units.last).to_be_focused()
    page.keyboard.press("Home")
    expect(units.first).to_be_focused()
    assert page.evaluate("scrollY") == before, "the page stays where it is"


def test_the_strongest_words_are_shaded_and_the_shades_are_those_of_their_weights(opened: Opened) -> None:
    page = opened("study_of_tags", DESKTOP).page
    _word(page, "additive", "five").click()
    panel = _panel(page, "additive")
    first = panel.locator(".strongest").inner_text().removeprefix("looks most at: ").split()[0]
    shades = panel.locator(".unit").evaluate_all(
        "units => units.map(each => [each.textContent,"
        " Number((each.style.background.match(/calc\\(([\\d.]+)/) || [0, 0])[1])])"
    )
    assert max(shades, key=lambda each: each[1])[0] == first


def test_weak_weights_are_seen_beside_strong_ones_and_that_is_said(opened: Opened) -> None:
    page = opened("study_of_tags", DESKTOP).page
    assert "square root" in page.get_by_test_id("maps-about").inner_text()
    shades = page.evaluate("[0.0025, 0.04, 0.25, 1].map(depthOf)")
    assert shades == pytest.approx([0.05, 0.2, 0.5, 1])


def test_pieces_that_are_alike_are_told_apart_by_their_place(opened: Opened) -> None:
    page = opened("study_of_tags", DESKTOP).page
    units = [["\u2581P", 0, 1], ["al", 1, 3], ["P", 3, 4]]
    assert page.evaluate("units => units.map((_, place) => told(units, place))", units) == [
        "P (piece 1)",
        "al",
        "P (piece 3)",
    ]


def test_an_example_of_the_maps_has_the_number_that_it_has_among_the_samples_and_is_cut_with_a_sign(
    opened: Opened,
) -> None:
    page = opened("study_of_tags", DESKTOP).page
    shown = page.get_by_test_id("maps-example").locator("option").all_inner_texts()
    samples = page.locator("[data-testid^='sample-']").evaluate_all(
        "all => all.map(each => each.dataset.testid.slice(7))"
    )
    for option in shown:
        number, _, begun = option.partition(": ")
        assert len(begun) <= 35
        given = page.get_by_test_id(f"sample-{number}").first.inner_text() if number in samples else begun
        assert begun.removesuffix("…") in given
    assert any(each.endswith("…") for each in shown)
    assert "0" in samples


def test_an_arm_without_attention_says_so_in_both_languages(opened: Opened) -> None:
    page = opened("study_of_tags", DESKTOP).page
    english = _panel(page, "none").inner_text()
    assert "no attention" in english
    page.get_by_test_id("language").click()
    assert _panel(page, "none").inner_text() != english


@pytest.mark.parametrize("name, box", [("study_of_pictures", "canvas"), ("study_of_tags", ".unit")])
def test_each_choice_shows_other_maps_in_all_arms_and_none_is_lost(name: str, box: str, opened: Opened) -> None:
    watched = opened(name, DESKTOP)
    page = watched.page
    panels = page.get_by_test_id("maps-panels")
    for test_id in ("maps-head", "maps-layer", "maps-example", "maps-view"):
        control = page.get_by_test_id(test_id)
        many = control.locator("option").count()
        assert control.is_visible() == (many > 1), "of one there is no choice"
        for index in range(many if many > 1 else 0):
            _choose(page, test_id, index)
            assert panels.locator(box).count() > 0 or panels.locator(".strongest").count() == 3
            assert watched.faults == []
        if many > 1:
            _choose(page, test_id, 0)


def test_one_scale_for_all_is_printed_alike_in_all(opened: Opened) -> None:
    page = opened("study_of_tags", DESKTOP).page
    scales = page.locator(".map .scale")
    assert len(scales.all_inner_texts()) == 2
    assert len({*scales.all_inner_texts()}) == 1, "arms are compared"
    page.get_by_test_id("maps-shared").uncheck()
    own = scales.all_inner_texts()
    assert len(own) == len({*own}) == 2
    page.get_by_test_id("maps-shared").check()
    assert len({*scales.all_inner_texts()}) == 1


def test_an_equal_word_of_another_output_is_chosen_with_it_and_one_that_is_not_there_is_said_to_be_missing(
    opened: Opened,
) -> None:
    page = opened("study_of_writing", DESKTOP).page
    assert page.get_by_test_id("maps-view").input_value() == "output"
    _word(page, "additive", "wrote").click()
    assert [_pressed(page, arm) for arm in ATTENDING] == ["wrote"] * 2
    _word(page, "uniform", "1").click()  # arms sign their outputs by number
    assert [_pressed(page, arm) for arm in ATTENDING] == ["", "1"]
    assert "didn't write" in _panel(page, "additive").locator(".strongest").inner_text()


def test_maps_open_on_what_most_arms_attend_to_and_say_what_is_seen(opened: Opened) -> None:
    watched = opened("study_of_gates", DESKTOP)
    page = watched.page
    assert page.get_by_test_id("maps-view").input_value() == "channels"
    expect(page.get_by_test_id("maps-shared")).not_to_be_checked()
    about = page.get_by_test_id("maps-about")
    assert "A square is a channel" in about.inner_text()
    assert "weigh places, too, is under “Show”: places in the image" in about.inner_text()
    assert "channels and places at once" in _panel(page, "uniform").inner_text()
    assert "channels and places at once" not in _panel(page, "additive").inner_text()
    assert "channel 1:" not in _panel(page, "additive").inner_text()
    _panel(page, "additive").locator("canvas").focus()
    assert "channel 1: " in _panel(page, "additive").locator(".strongest").inner_text()
    page.get_by_test_id("maps-view").select_option("boxes")
    for name in ("found by the model", "truth", "cell", "isn't of single objects", "channels, places in the image"):
        assert name in about.inner_text()
    expect(page.get_by_test_id("maps-shared")).to_be_hidden()
    watched.screenshot(of="key")
    assert watched.violations() == []


def test_of_boxes_around_the_pointer_the_smallest_is_chosen_and_raised_and_of_alike_ones_the_surest(
    opened: Opened,
) -> None:
    page = opened("study_of_gates", DESKTOP).page
    page.get_by_test_id("maps-view").select_option("boxes")
    drawing = _panel(page, "additive").locator("svg")
    drawing.scroll_into_view_if_needed()
    size = drawing.bounding_box()
    assert size is not None
    for x, y, said in ((0.3, 0.3, "sure 0.9"), (0.15, 0.15, "wide 0.8"), (0.85, 0.85, "wide 0.8")):
        drawing.hover(position={"x": size["width"] * x, "y": size["height"] * y})
        assert said in _panel(page, "additive").locator(".strongest").inner_text()
        chosen, raised = (drawing.locator(each) for each in ("[aria-pressed=true]", "rect.top"))
        assert chosen.evaluate("each => each.getAttribute('width')") == raised.evaluate(
            "each => each.getAttribute('width')"
        )
        assert drawing.evaluate("each => each.lastElementChild.classList.contains('top')")


def _placed(page: Page) -> list[str]:
    """The place that each arm's panel speaks of."""
    return [
        _panel(page, arm).locator(".strongest").inner_text().split(")")[0].removeprefix("place ") for arm in ATTENDING
    ]


def test_a_place_in_a_picture_is_moved_by_arrows_and_by_the_mouse_in_all_arms(opened: Opened) -> None:
    page = opened("study_of_pictures", DESKTOP).page
    canvas = _panel(page, "additive").locator("canvas")
    canvas.focus()
    assert _placed(page) == ["(1, 1"] * 2
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert _placed(page) == ["(2, 2"] * 2
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert _placed(page) == ["(1, 2"] * 2, "it stops at the edge"
    size = canvas.bounding_box()
    assert size is not None
    canvas.hover(position={"x": size["width"] * 0.99, "y": size["height"] * 0.99})
    assert _placed(page) == ["(7, 7"] * 2


def test_a_place_shows_what_it_looks_at_in_all_arms_by_arrows_and_by_the_mouse(opened: Opened) -> None:
    watched = opened("study_of_pictures", DESKTOP)
    page = watched.page
    page.get_by_test_id("maps-view").select_option("queries")
    canvas = _panel(page, "additive").locator("canvas")
    drawn = [canvas.evaluate("each => each.toDataURL()")]
    assert _placed(page) == ["(4, 4"] * 2, "the middle is chosen before anybody chose"
    canvas.focus()
    page.keyboard.press("ArrowLeft")
    assert _placed(page) == ["(4, 3"] * 2
    drawn.append(canvas.evaluate("each => each.toDataURL()"))
    size = canvas.bounding_box()
    assert size is not None
    canvas.hover(position={"x": size["width"] * 0.99, "y": size["height"] * 0.99})
    assert _placed(page) == ["(7, 7"] * 2
    drawn.append(canvas.evaluate("each => each.toDataURL()"))
    assert len({*drawn}) == 3, "each place has a map of its own"
    said = page.get_by_test_id("maps-said").inner_text()
    assert all(f"{arm}: (7, 7) looked most at: (" in said for arm in ATTENDING)
    _choose(page, "maps-layer", 1)
    assert "2 × 2" in _panel(page, "additive").inner_text(), "of many places blocks are one"
    watched.screenshot(of="places_between")
    assert watched.violations() == []


def test_something_is_chosen_before_anybody_chose(opened: Opened) -> None:
    page = opened("study_of_tags", DESKTOP).page
    assert _pressed(page, "additive") == "sentence"
    assert "," in _panel(page, "additive").locator(".strongest").inner_text()


@pytest.mark.parametrize("how", ["hover", "focus", "click"])
def test_an_object_is_chosen_in_all_arms_where_it_was_found(how: str, opened: Opened) -> None:
    page = opened("study_of_boxes", DESKTOP).page
    box = _panel(page, "additive").locator(SURE)
    box.scroll_into_view_if_needed()
    {
        "hover": lambda: box.hover(position={"x": 3, "y": 3}),
        "focus": box.focus,
        "click": lambda: box.click(position={"x": 3, "y": 3}),
    }[how]()
    for arm in ATTENDING:
        expect(_panel(page, arm).locator(SURE)).to_have_attribute("aria-pressed", "true")
        assert "cell 0.9" in _panel(page, arm).locator(".strongest").inner_text()


def test_of_many_boxes_the_surest_are_drawn_and_all_are_counted(opened: Opened) -> None:
    page = opened("study_of_gates", DESKTOP).page
    kept = page.evaluate(
        "() => { const found = [...Array(50).keys()].map(each => ({ score: (each % 7) / 7 })), view = { found };"
        " keepSurest(view); return [view.many, view.found.length, Math.min(...view.found.map(each => each.score))]; }"
    )
    assert kept == [50, 20, pytest.approx(4 / 7)]
    page.get_by_test_id("maps-view").select_option("boxes")
    assert "3 found, 1 there" in _panel(page, "additive").inner_text()


def test_what_was_found_goes_before_the_truth_beneath_it_which_the_keyboard_reaches(opened: Opened) -> None:
    page = opened("study_of_boxes", DESKTOP).page
    panel = _panel(page, "additive")
    there, strongest = panel.locator("rect.there"), panel.locator(".strongest")
    there.hover()
    expect(panel.locator(SURE)).to_have_attribute("aria-pressed", "true")
    assert "truth: cell" in strongest.inner_text()
    there.focus()
    expect(there).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert "no object there" in strongest.inner_text()


@pytest.mark.parametrize(
    "name, view",
    [
        ("study_of_tags", DESKTOP),
        ("study_of_writing", PHONE),
        ("study_of_pictures", DESKTOP),
        ("study_of_boxes", PHONE),
    ],
    ids=str,
)
def test_a_choice_is_kept_to_be_looked_at_and_is_accessible(name: str, view: View, opened: Opened) -> None:
    watched = opened(name, view)
    page = watched.page
    first = page.locator(".map .unit, .map canvas, .map rect.found").first
    first.focus()
    page.keyboard.press("ArrowRight")
    page.locator("#linked-maps").screenshot(path=watched.picture(of="chosen"))
    assert watched.violations() == []


def test_texts_that_models_went_on_from_are_told_by_their_words_in_both_languages(opened: Opened) -> None:
    page = opened("study_of_seven_arms", DESKTOP).page
    assert "five names" in page.get_by_test_id("maps-example").locator("option").first.inner_text()
    english = page.get_by_test_id("maps-view").inner_text()
    page.get_by_test_id("language").click()
    assert page.get_by_test_id("maps-view").inner_text() != english
    assert "beginning" not in page.locator("#linked-maps").inner_text()
