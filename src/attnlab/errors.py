"""What tells the user of a mistake, in one line that names the value and the key to change."""

import difflib
import math
from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import wraps
from typing import Any, SupportsIndex, TypeVar

Made = TypeVar("Made")


class UserError(Exception):
    """A mistake of the user's: shown as one line, without a traceback, and the program exits with 2.

    The message says what is wrong, the value, and the key or file to change.
    """


class OwnCodeError(Exception):
    """Code of the user's own has failed: shown as one line that names it, and the program exits with 2."""


class Fault(UserError):
    """What befell a run, and may not befall it another time: shown likewise, and the program exits with 1.

    The message says what it was, and what to change should it come again.
    """


LIKE = 0.65  # of what difflib calls a ratio: nearest is no misspelt linear
LISTED = 15  # names beside a guess: a longer list would hide it
BETWEEN = str.maketrans("", "", "_-/.")  # what stands between a name's words, or is left out
MOST = 8  # names that share a word, such as every task's quickstart


def closest(word: str, known: Sequence[str], prefix: str = "") -> str:
    """` (did you mean ...?)` for a misspelt name, or one cut short; nothing where none, or too many, are like it."""
    longer = [each for each in known if f"_{word}_" in f"_{each}_"] if len(word) > 2 else []
    least = 3 if word.isascii() else 1  # 中文 says as much
    longer = longer or [each for each in known if len(word) > least and each.lower().startswith(word.lower())]
    close = [each for each in known if _bare(each) == _bare(word)] or longer
    if not close:
        alike = [each for each in known if 2 * min(len(each), len(word)) > max(len(each), len(word))]  # base is no se
        close = difflib.get_close_matches(word, alike, n=1, cutoff=LIKE)
        close = close or difflib.get_close_matches(word.lower(), alike, n=1, cutoff=LIKE)
    if len(close) > MOST:  # one of so many would be told by chance
        return ""
    return guess([prefix + each for each in close])


def closest_metric(word: str, known: Sequence[str]) -> str:
    """Likewise of metrics, val/loss, of which the split may be another one, left out, or spelt val_loss."""
    split, slash, name = word.rpartition("/")
    meant = {_bare(name), *(_bare(word).removeprefix(each) for each in ("train", "val", "test"))}
    same = [each for each in known if _bare(each) == _bare(word)]
    if same := same or [each for each in known if _bare(each.rpartition("/")[2]) in meant]:
        return guess(same[:MOST])
    prefix = split + slash
    return closest(name, [each.removeprefix(prefix) for each in known if each.startswith(prefix)], prefix)


class ByName(dict[str, Made]):
    """What Python is given to look up by name: one that isn't there is told those that are.

    Raises:
        KeyError: of a name that it doesn't have.
    """

    def __missing__(self, name: str) -> Made:
        names = list(self)
        guessed = closest_metric(name, names) if isinstance(name, str) else ""
        raise KeyError(f"no {name!r}{guessed}{unless_guessed(guessed, names, _has(names))}")


def _has(names: Sequence[str]) -> str:
    return f"; it has {', '.join(names)}" if names else "; it has nothing"


def unless_guessed(guessed: str, names: Sequence[str], listed: str) -> str:
    """A message's list of all `names`, as it is `listed`; "" where a guess is made of several, or they are many."""
    return "" if guessed and (len(names) > LISTED or " or " in guessed) else listed


def _bare(name: str) -> str:
    """A class, AttentionGAN, and a file, attention_gan, are one."""
    return name.translate(BETWEEN).lower()


def guess(names: Sequence[str]) -> str:
    """` (did you mean a, b or c?)`; nothing where there is no name."""
    *others, last = names or [""]
    shown = f"{', '.join(others)} or {last}" if others else last
    return f" (did you mean {shown}?)" if shown else ""


def naming_its_fields(kind: type[Made]) -> type[Made]:
    """A dataclass that tells, of a field it doesn't have, those that it has, as `Properties(smoth=False)` does."""
    made: Any = kind.__init__
    known = [each.name for each in fields(kind)]  # type: ignore[arg-type]  # a dataclass, as it says

    @wraps(made)
    def checked(self: Made, *values: object, **named: object) -> None:
        for name in named:
            if name not in known:
                raise TypeError(f"{kind.__name__} has no {name!r}{closest(name, known)}; it has {', '.join(known)}")
        made(self, *values, **named)

    setattr(kind, "__init__", checked)  # noqa: B010  # mypy lets no __init__ be assigned
    return kind


def one_line(error: BaseException) -> str:
    """What an error says, and then its cause, on a single line."""
    parts = [str(error)] + ([str(error.__cause__)] if error.__cause__ is not None else [])
    return " ".join(" ".join(parts).split())


def causes(error: BaseException, *, or_midst: bool = False) -> Iterator[BaseException]:
    """An error and what it came from, each once: one that is raised again from its own effect closes a ring.

    With `or_midst` those without a cause are followed to what was being handled when they were raised.
    """
    met: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in met:
        yield found
        met.add(id(found))
        found = found.__cause__ or (found.__context__ if or_midst else None)


def check_whole(**values: object) -> None:
    """Check counts, each under the name of the argument.

    Raises:
        ValueError: one is no whole number.
    """
    for key, value in values.items():
        if isinstance(value, bool) or not isinstance(value, SupportsIndex):
            raise ValueError(f"{key} must be a whole number, got {value!r} (set {key})")


def check_whole_or_none(**values: object) -> None:
    """Likewise, where None stands for a default."""
    check_whole(**{key: value for key, value in values.items() if value is not None})


def at_least(least: float, group: str, **values: float) -> None:
    """Check numbers, each under the name of its key in a group of the configuration: `at_least(1, "model", dim=dim)`.

    Raises:
        ValueError: one is below `least`, infinite, or none.
    """
    for key, value in values.items():
        if not least <= value < math.inf:
            raise ValueError(f"{key} must be {least} or more, got {value} (set {group}.{key})")


def between(least: float, most: float, group: str, **values: float) -> None:
    """Check numbers that both ends bound, likewise: sizes of which a larger one would only fill the memory.

    Raises:
        ValueError: one lies outside, or is none.
    """
    at_least(least, group, **values)
    for key, value in values.items():
        if value > most:
            raise ValueError(f"{key} must be {most} or less, got {value} (set {group}.{key})")


def above_zero(group: str, **values: float) -> None:
    """Check numbers of which any above 0 will do, likewise.

    Raises:
        ValueError: one is 0, below it, infinite, or none.
    """
    for key, value in values.items():
        if not 0 < value < math.inf:
            raise ValueError(f"{key} must be above 0, got {value} (set {group}.{key})")


def below_one(group: str, **values: float) -> None:
    """Check shares of which something must be left, from 0 to below 1, likewise.

    Raises:
        ValueError: one lies outside.
    """
    for key, value in values.items():
        if not isinstance(value, (int, float)) or not 0 <= value < 1:
            raise ValueError(f"{key} must lie in [0, 1), got {value!r} (set {group}.{key})")
