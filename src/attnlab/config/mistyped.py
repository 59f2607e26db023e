"""What to write instead of an override that can't be read."""

import re
from collections.abc import Sequence
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Quote, QuotedString
from hydra.errors import HydraException

from attnlab.config.suggestions import groups, groups_with, is_at_the_top
from attnlab.reading import keyboard

FORMS = {bool: "true|false", int: r"[+-]?\d+", float: r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?"}
CALLS = {
    "interval": "LOW, HIGH",
    "range": "START, STOP",
    "choice": "A, B",
    "glob": "PATTERN",
    "tag": "TAG, choice(A, B)",
}
WORDS = 4  # that a path with spaces may have come apart into


def remedy(overrides: Sequence[str], place: int) -> str:
    """What to do about the one at `place`, which may be no mistake of its own but the rest of one before it."""
    text = overrides[place]
    ends = place + 1 == len(overrides) or "=" in overrides[place + 1] or overrides[place + 1].startswith("-")
    meant = keyboard.plain(keyboard.unended(text) if ends else text)
    if not ends and (said := _of_several(overrides, place)):
        return said
    if meant != text and _is_plain(meant):
        how = "without a sign at its end" if text.startswith(meant) else "with the keyboard's own signs"
        return f"{how}: write {meant}"
    return _of_several(overrides, place) or _of_one(text, plain=meant)


def _of_several(overrides: Sequence[str], place: int) -> str:
    """What to do where several words are one override; "" where they aren't."""
    plain = [keyboard.plain(each) for each in overrides]
    finds = (_with_spaces, _row, _unspaced, _two_words)
    found = (find(words, place) for words in (overrides, plain) for find in finds)
    return next(filter(None, found), "")


def _is_plain(text: str) -> bool:
    return re.fullmatch(r"-{1,2}[\w-]+|[\w./@+~]+=\S*", text) is not None


def _with_spaces(overrides: Sequence[str], place: int) -> str:
    """What to do where a path that is there has come apart at its spaces, or several overrides are one; else ""."""
    if re.fullmatch(r"[\w./@+~]+=\S+(\s+\S+)*?(\s+[\w./@+~]+=\S+)(\s+\S+)*", overrides[place]):
        first, second = overrides[place].split()[:2]
        return f"give each apart, {first!r} and then {second!r}, not all in one text"
    key, equals, begun = overrides[place - 1].partition("=") if place else ("", "", "")
    for end in range(place + 1, min(place + WORDS, len(overrides)) + 1):
        path = " ".join([begun, *overrides[place:end]])
        if equals and begun and _is_there(path):
            return f"what has spaces is quoted: write '{key}={path}'"
    return ""


def _is_there(path: str) -> bool:
    try:
        return Path(path).expanduser().exists()
    except (OSError, ValueError, RuntimeError):  # no name of a file
        return False


def _row(overrides: Sequence[str], place: int) -> str:
    """What to do where a row of values has come apart at its commas, or has one too many; "" where it hasn't."""
    first, last = place, place
    while first and overrides[first].startswith(",") and "=" not in overrides[first]:
        first -= 1
    while last + 1 < len(overrides) and _goes_on(overrides[last], overrides[last + 1]):
        last += 1
    key, equals, row = "".join(overrides[first : last + 1]).partition("=")
    if not equals or "," not in row:
        return ""
    if last == first and re.fullmatch(r"0,\d+,?", row):  # a decimal comma, of which the sweep's error speaks
        return ""
    joined = f"{key}={re.sub(r',[,;]*', ',', row).strip(',')}"
    if not re.fullmatch(r"[\w./@+~]+=[^=]+", joined) or not _can_be_read(joined):
        return ""
    return f"{'without a blank' if last > first else 'a comma only between two values'}: write {joined}"


def _goes_on(before: str, after: str) -> bool:
    """Whether a row of values does across a blank."""
    return (before.endswith(",") or after.startswith(",")) and "=" not in after and not after.startswith("-")


def _can_be_read(override: str) -> bool:
    try:
        OverridesParser.create().parse_override(override)
    except HydraException:
        return False
    return True


def _two_words(overrides: Sequence[str], place: int) -> str:
    """What to do where a key and its value are two words; "" where they aren't."""
    key, value = (*overrides[place : place + 2], "")[:2]
    key = key.removesuffix(":")
    named = re.fullmatch(r"[a-z_]+(\.\w+)*", key) is not None and is_at_the_top(key)
    if not named or not re.fullmatch(r"[\w./+]+|-?[\d.]+(e-?\d+)?", value) or is_at_the_top(value):
        return ""
    return f"write {key}={value}" if _can_be_read(f"{key}={value}") else ""


def _unspaced(overrides: Sequence[str], place: int) -> str:
    """What to do where spaces around = have made two or three overrides of one; "" where they haven't."""
    around = overrides[max(0, place - 1) : place + 3]
    key, *rest = around[1:] if place and not around[0].endswith("=") else around
    joined = key + "".join(rest[:2] if rest[:1] == ["="] else rest[:1])
    apart = key.endswith("=") or (rest and rest[0].startswith("="))
    return f"without spaces: write {joined}" if apart and re.fullmatch(r"[\w./@+~]+=[^=]+", joined) else ""


def _of_one(text: str, *, plain: str) -> str:
    """What to do about an override by itself; `plain`: it with the keyboard's own signs."""
    key, equals, value = text.partition("=")
    if spaced := re.fullmatch(r"([\w./@+~]+)(?: += *|= +|: *|\s*(?:==+|:=|[-=]>)\s*)([\w./,-]+)", plain):
        return f"write {spaced[1]}={spaced[2]}"
    path = Path(text)
    if path.suffix in (".yaml", ".yml") and path.parent.name in groups():
        return f"write {path.parent.name}={path.stem}"
    if path.suffix in (".yaml", ".yml") and not equals:
        return (
            f"a file of settings is an experiment: put it at DIR/experiment/{path.name}, beginning with "
            f"# @package _global_, and write experiment={path.stem} --config-dir DIR"
        )
    if not equals and (found := groups_with(text)):
        return f"write {' or '.join(f'{group}={text}' for group in found)}"
    if not equals or not key:
        return (
            f"write {key}={'NAME' if key in groups() else 'VALUE'}"
            if re.fullmatch(r"[\w.]+", key)
            else "write KEY=VALUE"
        )
    if (called := re.fullmatch(r"(\w+)\(.*\)", value)) and called[1] in CALLS:
        return f"{called[1]} takes {CALLS[called[1]]}: write '{key}={called[1]}({CALLS[called[1]].replace(' ', '')})'"
    odd = re.search(r"[^\w/\-\\+.$%*@?|:, \t()\[\]{}'\"]|[^\W\w]|[^\x00-\x7f]", value)
    what = f"{odd[0]!r} must be quoted" if odd else "brackets, braces and quotes come in pairs, or are quoted"
    quoted = QuotedString(value, Quote.single).with_quotes()
    return f'{what}: write {key}="{quoted}"'


def as_kind(kind: type, text: str) -> str:
    """What a text would be as a number, or true or false, without quotes and with the keyboard's digits; else ""."""
    plain = keyboard.plain(text).strip()
    if kind is int and (thousands := re.fullmatch(r"([1-9]\d*(?:\.\d)?)([kKmM])", plain)):
        plain = str(round(float(thousands[1]) * (1000 if thousands[2] in "kK" else 1_000_000)))
    form = FORMS.get(kind, "")
    return plain if form and plain.isascii() and re.fullmatch(form, plain, re.IGNORECASE) else ""
