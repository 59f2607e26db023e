"""The harness itself: each way in which a control fails a reader is found on a page that has it."""

from collections.abc import Callable

import pytest
from controls import (
    Control,
    controls_of,
    first_and_last_of_each_kind,
    pretenders_of,
    state_of,
    tab_through,
    use_by_keyboard,
    use_by_mouse,
)
from playwright.sync_api import Page
from watched_page import WatchedPage

Watch = Callable[[str], WatchedPage]
COUNTER = "<p id='n'>0</p><script>const count = () => { n.textContent = +n.textContent + 1; };</script>"


def _names(controls: list[Control]) -> list[str]:
    return [each.name for each in controls]


def test_controls_are_all_that_can_be_used_now(watch: Watch) -> None:
    page = watch(
        "<button>a</button><button disabled>no</button><button hidden>no</button><a>no</a><a href='#x'>b</a>"
        "<input aria-label='c'><label>d<input type='checkbox'></label><div tabindex='0' role='button'>e</div>"
        "<div tabindex='-1'>no</div><details><summary>f</summary><button>no</button></details>"
        "<label>g<input type='radio' name='r' checked></label><label>no<input type='radio' name='r'></label>"
    ).page
    assert _names(controls_of(page)) == list("abcdefg")
    assert tab_through(page) == (list(range(7)), [])


@pytest.mark.parametrize(
    "body, fault",
    [
        ("<button style='outline: none'>a</button>", "looks the same"),
        ("<button>a</button><div style='position: fixed; inset: 0; z-index: 1'></div>", "beneath <div>"),
        ("<button style='position: fixed; top: -99px'>a</button>", "isn't on the screen"),
    ],
)
def test_a_focus_that_cannot_be_seen_is_found(body: str, fault: str, watch: Watch) -> None:
    page = watch(body).page
    controls_of(page)
    assert fault in "".join(tab_through(page)[1])


def test_what_the_tab_key_leaves_out_or_comes_to_in_another_order_is_seen(watch: Watch) -> None:
    trap = "<button onkeydown='if (event.key === \"Tab\") event.preventDefault()'>a</button><button>b</button>"
    page = watch(trap).page
    controls_of(page)
    assert tab_through(page)[0] == [0]
    page = watch("<button>a</button><button tabindex='1'>b</button>").page
    controls_of(page)
    assert tab_through(page)[0] == [1, 0]


def test_what_only_looks_like_a_control_is_found(watch: Watch) -> None:
    page = watch("<div style='cursor: pointer'>a</div><button style='cursor: pointer'><b>b</b></button>").page
    controls_of(page)
    assert [each[-8:] for each in pretenders_of(page)] == [">a</div>"]


def _states(page: Page) -> tuple[str, str, str]:
    """At first, after the mouse, after the keyboard."""
    (control,) = controls_of(page)
    found = [state_of(page)]
    for use in (use_by_mouse, use_by_keyboard):
        page.reload()
        controls_of(page)
        use(page, control)
        found.append(state_of(page))
    return found[0], found[1], found[2]


@pytest.mark.parametrize(
    "body",
    [
        "<button onclick='count()'>a</button>",
        "<details><summary>a</summary>b</details>",
        "<label>a<input type='checkbox'></label>",
        "<select aria-label='a'><option>1<option selected>2</select>",
        "<a href='#n'>a</a>",
    ],
)
def test_a_sound_control_does_the_same_by_mouse_and_by_keyboard(body: str, watch: Watch) -> None:
    first, mouse, keyboard = _states(watch(COUNTER + body).page)
    assert mouse == keyboard != first


def test_what_a_control_does_by_mouse_alone_or_not_at_all_is_seen(watch: Watch) -> None:
    first, mouse, keyboard = _states(watch(COUNTER + "<div tabindex='0' onclick='count()'>a</div>").page)
    assert mouse != keyboard == first
    first, mouse, keyboard = _states(watch(COUNTER + "<button>a</button>").page)
    assert first == mouse == keyboard


def test_of_many_alike_two_are_used(watch: Watch) -> None:
    page = watch("<button>a</button>" * 5 + "<button id='own'>b</button><a href='#x'>c</a>").page
    assert [each.number for each in first_and_last_of_each_kind(controls_of(page))] == [0, 4, 5, 6]
