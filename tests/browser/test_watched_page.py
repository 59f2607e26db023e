"""Each fault that the other tests look for is found on a page that has it."""

from collections.abc import Callable

import pytest
from watched_page import WatchedPage


@pytest.mark.parametrize(
    "body, fault",
    [
        ("<script>console.error('lost')</script>", "console error: lost"),
        ("<script>console.warn('odd')</script>", "console warning: odd"),
        ("<script>missing()</script>", "uncaught missing is not defined"),
        ("<script>Promise.reject(new Error('late'))</script>", "uncaught late"),
        ("<img alt='' src='http://a.invalid/b.png'>", "requests http://a.invalid/b.png"),
        ("<link rel='stylesheet' href='b.css'>", "b.css"),
        ("<script>fetch('http://a.invalid/c').catch(() => 0)</script>", "requests http://a.invalid/c"),
        ("<script>alert('you')</script>", "asks you"),
        ("<script>window.open('about:blank')</script>", "opens about:blank"),
    ],
)
def test_a_fault_is_found(body: str, fault: str, watch: Callable[[str], WatchedPage]) -> None:
    assert fault in "\n".join(watch(body).faults)


@pytest.mark.parametrize(
    "body, rule",
    [
        ("<p style='color: #aaa; background: #fff'>faint</p>", "color-contrast"),
        ("<button></button>", "button-name"),
        ("<a href='#a' style='display: block; width: 9px; height: 9px' aria-label='a'></a>" * 2, "target-size"),
    ],
)
def test_a_violation_is_found(body: str, rule: str, watch: Callable[[str], WatchedPage]) -> None:
    found = watch(body).violations()
    assert found
    assert all(each.startswith(f"{rule}: ") for each in found)


def test_a_sound_page_has_no_fault(watch: Callable[[str], WatchedPage]) -> None:
    page = watch("<p>Sound</p><img alt='' src='data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA='>")
    assert page.violations() == []
    assert page.faults == []
