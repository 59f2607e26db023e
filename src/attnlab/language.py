"""The language that a person is spoken to in, as the environment asks for it."""

import os
import sys
from typing import Literal, NamedTuple

Language = Literal["en", "zh"]

SAMPLE = "机制"  # simplified characters, which ASCII and some encodings of traditional ones lack


class Words(NamedTuple):
    """The same in English and in Chinese, names and numbers included; the terms are those of docs/glossary.md."""

    en: str
    zh: str

    def said(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


def wanted() -> Language:
    """Chinese where the locale of messages is a Chinese one and standard output can show it, else English.

    As gettext has it: LANGUAGE, a list, wins over the first of LC_ALL, LC_MESSAGES and LANG that is set, unless that
    asks for no language at all, as C does.
    """
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "C")
    if _spoken(locale) in ("c", "posix"):
        return "en"
    first = next((each for each in os.environ.get("LANGUAGE", "").split(":") if each), locale)
    return "zh" if _spoken(first) == "zh" and _shows_chinese() else "en"


def either(english: str, chinese: str) -> str:
    """The one that is wanted."""
    return Words(english, chinese).said(wanted())


def _spoken(locale: str) -> str:
    """`zh` of `zh_CN.UTF-8`."""
    return locale.replace("-", "_").replace(".", "_").replace("@", "_").partition("_")[0].lower()


def _shows_chinese() -> bool:
    try:
        SAMPLE.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
