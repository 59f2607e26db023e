"""One line of the doctor's list."""

from dataclasses import dataclass, field
from typing import Literal

from attnlab.language import Language

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Check:
    """One line of the list. A `fail` stops training; `remedy` says what to do about anything that isn't ok.

    `chinese` and `chinese_remedy` say the same, and are empty where no language changes it.
    """

    name: str
    status: Status
    detail: str
    remedy: str = ""
    chinese: str = field(default="", compare=False)
    chinese_remedy: str = field(default="", compare=False)

    def said(self, language: Language) -> tuple[str, str]:
        """What was found, and what to do about it."""
        if language == "en":
            return self.detail, self.remedy
        return self.chinese or self.detail, self.chinese_remedy or self.remedy


def one_line(error: object) -> str:
    return " ".join(str(error).split()) or type(error).__name__
