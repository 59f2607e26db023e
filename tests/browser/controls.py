"""The controls of a page: all that the Tab key should reach, and what each does by mouse and by keyboard."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import ElementHandle, Page

SCRIPT = Path(__file__).with_name("controls.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Control:
    """Its place in the order of the Tab key; `kind` is the same for those that are alike."""

    number: int
    tag: str
    type: str
    role: str
    name: str
    kind: str
    id: str
    chosen: bool
    onScreen: bool  # noqa: N815 - as the script calls it

    @property
    def is_operated(self) -> bool:
        """Whether a click does something: not of what is only scrolled, nor of what has keys or places of its own."""
        return self.role not in ("region", "group", "application") and self.tag != "rect"

    def __str__(self) -> str:
        return f"<{self.tag}{f' id={self.id}' if self.id else ''}> {self.name[:40]!r}"


def controls_of(page: Page) -> list[Control]:
    """Those that are shown now, in order."""
    page.evaluate(SCRIPT)
    return [Control(**each) for each in page.evaluate("controls.list()")]


def pretenders_of(page: Page) -> list[str]:
    """What looks as if it could be clicked, and no control is."""
    found: list[str] = page.evaluate("controls.pretenders()")
    return found


def element_of(page: Page, control: Control) -> ElementHandle:
    """Its element."""
    element = page.evaluate_handle("number => controls.get(number)", control.number).as_element()
    assert element is not None
    return element


def is_there(page: Page, control: Control) -> bool:
    """Whether it is on the page still, as it was listed, and can be used."""
    found: bool = page.evaluate("number => controls.isShown(number)", control.number)
    return found


def tab_through(page: Page) -> tuple[list[int], list[str]]:
    """The numbers of the controls that the Tab key comes to, from the page's start to its end, and what is wrong there.

    The browser itself stops at what scrolls; that is no control, and not among them.
    """
    reached: list[int] = []
    faults: list[str] = []
    while True:
        page.keyboard.press("Tab")
        focused: dict[str, Any] | None = page.evaluate("controls.focused()")
        if focused is None or focused["number"] in reached:
            return reached, faults
        faults += [f"{focused['html']} {fault}" for fault in focused["faults"]]
        if focused["number"] >= 0:
            reached.append(focused["number"])
        elif not focused["scrolls"]:
            faults.append(f"{focused['html']} has the focus and is no control")


def state_of(page: Page) -> str:
    """All that a control may change."""
    found: str = page.evaluate("controls.state()")
    return found


def state_after(page: Page, before: str) -> str:
    """Likewise, once something has changed and come to rest, or nothing has for a while."""
    for _ in range(10):
        page.wait_for_timeout(100)
        if state_of(page) != before:
            page.wait_for_timeout(100)
            break
    return state_of(page)


def first_and_last_of_each_kind(controls: Sequence[Control]) -> list[Control]:
    """Of many that are alike two are enough."""
    kinds: dict[str, list[Control]] = {}
    for each in controls:
        kinds.setdefault(each.kind if not each.id else each.id, []).append(each)
    return [each for alike in kinds.values() for each in ([alike[0]] if len(alike) == 1 else [alike[0], alike[-1]])]


def use_by_mouse(page: Page, control: Control) -> None:
    """A click; of a list, the choice that follows."""
    element = element_of(page, control)
    if control.tag == "select":
        element.select_option(index=element.evaluate("each => (each.selectedIndex + 1) % each.options.length"))
    else:
        element.click()
    page.mouse.move(0, 0)


def use_by_keyboard(page: Page, control: Control) -> None:
    """The key that does what a click does."""
    element = element_of(page, control)
    element.focus()
    if control.tag == "select":
        last = element.evaluate("each => each.selectedIndex === each.options.length - 1")
        page.keyboard.press("Home" if last else "ArrowDown")
    else:
        page.keyboard.press("Space" if control.type in ("checkbox", "radio") else "Enter")
