"""The devices and readers that pages are opened with."""

from dataclasses import dataclass
from typing import Any

SIZES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    # The narrowest that WCAG 1.4.10 asks for.
    "phone": {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True},
}


@dataclass(frozen=True)
class View:
    """A size of SIZES, "light" or "dark", and the language of the reader's browser."""

    size: str
    scheme: str
    language: str

    @property
    def device(self) -> dict[str, Any]:
        """What a browser's context is made with. Nothing moves, so that what is seen is at rest."""
        settings = {"color_scheme": self.scheme, "locale": self.language, "reduced_motion": "reduce"}
        return SIZES[self.size] | settings

    def __str__(self) -> str:
        return f"{self.size}-{self.scheme}-{self.language[:2]}"


DESKTOP = View("desktop", "light", "en-GB")
PHONE = View("phone", "dark", "en-GB")
# Each two of a size, a scheme and a language come together once.
VIEWS = [DESKTOP, View("desktop", "dark", "zh-CN"), View("phone", "light", "zh-CN"), PHONE]
