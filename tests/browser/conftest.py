"""These tests open the pages in a Chromium of the system's; `make test-browser` runs them."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

if os.environ.get("ATTNLAB_TEST_BROWSER"):
    from made_pages import MADE
    from playwright.sync_api import Browser, expect, sync_playwright
    from views import PHONE, View
    from watched_page import WatchedPage

    PATIENCE = 120_000  # milliseconds: where cores are shared a page takes its time
    expect.set_options(timeout=PATIENCE)
    SCREENSHOTS = Path(__file__).parents[2] / "outputs" / "browser"
else:
    collect_ignore_glob = ["test_*.py"]

HEAD = '<!DOCTYPE html><html lang="en"><head><title>T</title></head><body><main><h1>T</h1>'


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The file of a made page by its name, written once."""
    folder = tmp_path_factory.mktemp("pages")

    def path(name: str) -> Path:
        file = folder / f"{name}.html"
        if not file.exists():
            file.write_text(MADE[name](folder / name), encoding="utf-8")
        return file

    return path


@pytest.fixture
def opened(browser: "Browser", pages: Callable[[str], Path]) -> "Iterator[Callable[[str, View], WatchedPage]]":
    """Opens made pages, each as a reader with such a device; when the test is over, none may have had a fault."""
    with _opening(browser, pages) as open_page:
        yield open_page


@pytest.fixture
def opened_without_scripts(
    browser: "Browser", pages: Callable[[str], Path]
) -> "Iterator[Callable[[str, View], WatchedPage]]":
    """Opens them for a reader whose browser runs none."""
    with _opening(browser, pages, java_script_enabled=False) as open_page:
        yield open_page


@contextmanager
def _opening(
    browser: "Browser", pages: Callable[[str], Path], *, java_script_enabled: bool = True
) -> "Iterator[Callable[[str, View], WatchedPage]]":
    watched: list[WatchedPage] = []

    def open_page(name: str, view: View) -> WatchedPage:
        context = browser.new_context(**view.device, offline=True, java_script_enabled=java_script_enabled)
        context.set_default_timeout(PATIENCE)
        watched.append(WatchedPage(context.new_page(), pages(name), screenshots=SCREENSHOTS, view=view))
        return watched[-1]

    yield open_page
    faults = [fault for page in watched for fault in page.faults]
    for page in watched:
        page.close()
    assert not faults


@pytest.fixture
def watch(browser: "Browser", tmp_path: Path) -> "Iterator[Callable[[str], WatchedPage]]":
    """Opens a page of one's own, and waits for the browser to have told all."""
    opened: list[WatchedPage] = []

    def watch_page(body: str) -> WatchedPage:
        path = tmp_path / "page.html"
        path.write_text(HEAD + body, encoding="utf-8")
        page = browser.new_context(**PHONE.device, offline=True).new_page()
        opened.append(WatchedPage(page, path, screenshots=tmp_path, view=PHONE))
        page.wait_for_timeout(100)
        return opened[-1]

    yield watch_page
    for each in opened:
        each.close()
