"""What was meant by what a command line has and its command hasn't: an option of another name, a value in two words."""

import argparse
import difflib
import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from attnlab.errors import closest, guess
from attnlab.reading import keyboard

ALIKE = 0.9  # of what difflib calls a ratio: one letter too many in a name of ten
# Values that are one word, by what help calls them, and what their two halves lack: --set window 5, --width 16 cm.
ONE_WORD = {"KEY=VALUE": "=", "LENGTH": ""}
LENGTH = re.compile(r"[\d.]+ [cm]?m|[\d.]+ in")
NUMBER = re.compile(r"[-+]?[\d.]+")
PAGES = ("html", "page")
PAGE_OF_A_RUN = "a run's page is what attnlab view RUN writes"


class TakesArguments(Protocol):
    """A parser, which knows its arguments."""

    prog: str
    of_pages: str  # what to say where a page is asked for of a command that has no option for one
    _actions: list[argparse.Action]
    _option_string_actions: dict[str, argparse.Action]

    def _get_positional_actions(self) -> list[argparse.Action]: ...


class Typed:
    """The words of a command line, and what its parser takes."""

    def __init__(self, parser: TakesArguments, words: Sequence[str]) -> None:
        self.words = words
        self._parser = parser

    @property
    def _options(self) -> dict[str, argparse.Action]:
        return self._parser._option_string_actions

    def strange(self) -> str:
        """An option that there isn't, where one that is needed may be meant by it or by its value; else ""."""
        for place, typed in enumerate(self.words):
            name, _, value = typed.partition("=")
            if not typed.startswith("--") or any(each.startswith(name) for each in self._options):
                continue
            for word in (value, *self.words[place + 1 : place + 2]):
                if (meant := f"--{word}") in self._options:
                    return f"{name} {word}{guess([meant])}"
            return f"{name}{self.instead(name)}"
        return ""

    def such_as(self, option: str) -> str:
        """What a value of an option is called in its help, or the first that it may be."""
        action = self._options[option]
        return str(next(iter(action.choices), "")) if action.choices else str(action.metavar or action.dest.upper())

    def instead(self, option: str) -> str:
        """What may be meant by an option that isn't there: one named like it, or what is given without one."""
        bare = option.lstrip("-").replace("_", "-")
        if bare in PAGES and option.startswith("-"):
            return guess(["--html"]) if "--html" in self._options else f": {self._parser.of_pages}"
        known = [each.removeprefix("--") for each in self._options if each.startswith("--")]
        if same := difflib.get_close_matches(bare, known, n=1, cutoff=ALIKE):
            return guess([f"--{same[0]}"])
        if by := [each for each in self._parser._actions if each.choices is not None and bare in each.choices]:
            return guess([f"{by[0].option_strings[-1]} {bare}"] if by[0].option_strings else [bare])
        words = {each.rstrip("s") for each in bare.lower().split("-")}
        for each in self._parser._get_positional_actions() if option.startswith("-") else ():
            names = [part.upper() for part in re.findall(r"[A-Za-z]+", str(each.metavar or each.dest))]
            if "=" in str(each.metavar) and re.fullmatch(r"[a-z_]+(\.\w+)+", option.lstrip("-")):
                return f": values have no dashes (write {option.lstrip('-')}=...)"
            if words <= {part.lower().rstrip("s") for part in (*names, each.dest)}:
                return f": {' or '.join(names)} is given without an option"
        alike = guess([f"--{each}" for each in known if bare.startswith(f"{each}-")]) or closest(bare, known, "--")
        return alike or self._as_value(option)

    def _as_value(self, option: str) -> str:
        """What to write where a command takes KEY=VALUE and --KEY VALUE is given, as elsewhere; else ""."""
        after = self.words[self.words.index(option) + 1 :][:1] if option in self.words else []
        takes = any("KEY=VALUE" in str(each.metavar) for each in self._parser._get_positional_actions())
        if not takes or not option.startswith("--") or not after or after[0].startswith("--") or "=" in after[0]:
            return ""
        key = option.lstrip("-").replace("-", "_")
        if self._parser.prog.endswith(" evaluate") and "." not in key:  # which takes none of the top
            return ": what can be changed is written data.KEY=VALUE, task.KEY=VALUE or trainer.KEY=VALUE"
        return f": values have no dashes (write {key}={after[0]})"

    def dashed(self) -> str:
        """What to say of the first option whose dash another script's keyboard typed: ——query; "" of none."""
        for typed in self.words[: self.words.index("--") if "--" in self.words else None]:
            for meant in keyboard.with_dashes(typed):
                if meant.partition("=")[0] in self._options:
                    return f"an option begins with the keyboard's own -, got {typed} (write {meant})"
        return ""

    def surely_parted(self) -> str:
        """What to say of the first value in two words of which the second can't be another argument; "" of none."""
        for place, word in enumerate(self.words):
            parted = self._parted(place)
            if parted is not None and (parted.joint == "" or NUMBER.fullmatch(word)):
                return parted.told
        return ""

    def parted_by(self, word: str) -> str:
        """What to say of a word that is one too many, where it is the second half of a value; else ""."""
        parted = self._parted(self.words.index(word)) if word in self.words else None
        return parted.told if parted else ""

    def _parted(self, place: int) -> "_Parted | None":
        """An option and its value, where the word at this place is the value's other half."""
        if not place:
            return None
        option, _, value = self.words[place - 1].partition("=")
        if option not in self._options:
            option, value = self.words[max(place - 2, 0)], self.words[place - 1]
        action, half = self._options.get(option), self.words[place]
        joint = None if action is None else ONE_WORD.get(str(action.metavar))
        if joint is None or not value or half.startswith("--") or "=" in value + half:
            return None
        found = _Parted(option, value, joint, half)
        return found if joint or LENGTH.fullmatch(f"{value} {half}") else None


class _Parted(NamedTuple):
    """A value that stands in two words, and what joins them."""

    option: str
    value: str
    joint: str
    half: str

    @property
    def told(self) -> str:
        """What to say of it."""
        whole = f"{self.option} {self.value}{self.joint}{self.half}"
        return f"{self.option} takes one word, got '{self.value} {self.half}' (write {whole})"
