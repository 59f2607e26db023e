"""A page in the browser, of which everything is noted that a reader would call a fault."""

from collections.abc import Sequence
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Error, Page, Request
from views import View

LEVELS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")


class WatchedPage:
    """A file that is open in the browser; `faults` grows while it is used."""

    def __init__(self, page: Page, path: Path, *, screenshots: Path, view: View) -> None:
        self.page, self.view = page, view
        self.faults: list[str] = []
        self._screenshots, self._name, self._address = screenshots, path.stem, path.as_uri()
        page.on("console", self._console)
        page.on("pageerror", self._error)
        page.on("request", self._request)
        page.on("download", lambda download: self._fault(f"downloads {download.url}"))
        page.on("popup", lambda popup: self._fault(f"opens {popup.url}"))
        page.on("dialog", lambda dialog: (self._fault(f"asks {dialog.message}"), dialog.dismiss()))
        self.open()

    def open(self) -> None:
        """As at first: nothing that was chosen before is left."""
        self.page.goto(self._address)
        if self.page.evaluate("localStorage.length"):
            self.page.evaluate("localStorage.clear()")
            self.page.goto(self._address)

    def screenshot(self, *, of: str = "") -> None:
        """Of the whole page, kept for people to look at."""
        self.page.screenshot(path=self.picture(of=of), full_page=True)

    def picture(self, *, of: str) -> Path:
        """The file of a screenshot."""
        return self._screenshots / f"{'-'.join(filter(None, [self._name, of, str(self.view)]))}.png"

    def violations(self, *, levels: Sequence[str] = LEVELS) -> list[str]:
        """What axe finds against WCAG 2.2, levels A and AA, in the page as it is now."""
        found = Axe().run(self.page, options={"runOnly": [*levels], "resultTypes": ["violations"]}).response
        return [
            f"{rule['id']}: {' '.join(node['target'])}: {node['failureSummary']}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]

    def close(self) -> None:
        self.page.context.close()

    def _fault(self, text: str) -> None:
        self.faults.append(f"{self._name} {self.view}: {text}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert"):
            self._fault(f"console {message.type}: {message.text}")

    def _error(self, error: Error) -> None:
        self._fault(f"uncaught {error}")

    def _request(self, request: Request) -> None:
        if request.url.split("#")[0] != self._address and not request.url.startswith("data:"):
            self._fault(f"requests {request.url}")
