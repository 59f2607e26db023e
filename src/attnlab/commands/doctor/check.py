"""One line of the doctor's list."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Check:
    """One line of the list. A `fail` stops training; `remedy` says what to do about anything that isn't ok."""

    name: str
    status: Status
    detail: str
    remedy: str = ""


def one_line(error: object) -> str:
    return " ".join(str(error).split()) or type(error).__name__
