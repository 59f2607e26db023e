"""The values of a study's file, each checked when it is asked for; a mistake names its key and the file."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from omegaconf import OmegaConf

from attnlab.config import compose
from attnlab.errors import UserError, closest, unless_guessed
from attnlab.reading.plain_yaml import plain_texts

# What a study itself says of each of its runs.
OWN = ("seed", "name", "output_dir", "run_path", "fresh", "resume", "continue_from")
DEFAULTS: dict[str, Any] = {
    "base": [],
    "controls": ["uniform", "random_frozen", "identity", "capacity"],
    "seeds": 5,
    "looks": None,
    "budget": None,
    "match": "none",
    "match_key": None,
    "metric": None,
    "margin": None,
    "pairing": "none",
    "confounded": [],
    "tune": None,
    "ablations": "all",
}
NEEDED = ("control", "arms")
OUTPUT_ROOT = "output_root"  # of all its runs, beside which its own folder lies: for a command to say, too


def check_key(key: str) -> None:
    """Raise UserError if no study has such a value to be set by a command."""
    if key == "fresh":
        raise UserError(
            "of a study those runs alone are trained anew whose data has changed, got fresh (drop it, or add --fresh)"
        )
    if key not in (known := [*NEEDED, *DEFAULTS, OUTPUT_ROOT]):
        guessed = closest(key, known)
        has = unless_guessed(guessed, known, f"; it has {', '.join(known)}")
        raise UserError(
            f"no key {key!r} in a study{guessed}{has} (drop it, or write what all arms share into base of the study's "
            "file)"
        )


def check_within(written: Any, key: str, path: Path) -> None:
    """Raise UserError if a dotted key leads through a list or a value of what a study's file has written."""
    node, parts = written, key.split(".")
    for depth, part in enumerate(parts[:-1], start=1):
        node = node.get(part) if isinstance(node, Mapping) else None
        whole = ".".join(parts[:depth])
        if node is not None and not isinstance(node, Mapping):
            what = "a list" if isinstance(node, Sequence) and not isinstance(node, str) else f"a value, {node!r}"
            raise UserError(f"{whole} is {what}, got {key} (write {whole}=... whole, or change it in {path})")


def place_of(key: str, path: Path, typed: Collection[str]) -> str:
    """Where a value is set: by the command that has given it, else in the study's file."""
    return f"{key}=..." if key.partition(".")[0] in map(_top, typed) else f"{key} in {path}"


def _top(override: str) -> str:
    return override.partition("=")[0].partition(".")[0]


class Given:
    """Those of one file, with the defaults of what it doesn't say; `typed` is what a command has given.

    Raises:
        UserError: it is no group of values, or has a key that no study has, or lacks one that each needs.
    """

    def __init__(self, path: Path, values: Any, *, typed: Collection[str] = ()) -> None:
        self.path, self.typed = path, typed
        if not isinstance(values, Mapping):
            raise UserError(f"a study is a group of values, got {values!r} (set control and arms in {path})")
        if unknown := [str(key) for key in values if key not in (*NEEDED, *DEFAULTS)]:
            guessed = closest(unknown[0], known := [*NEEDED, *DEFAULTS])
            has = unless_guessed(guessed, known, f"; it has {', '.join(known)}")
            raise UserError(f"no key {unknown[0]!r} in a study{guessed}{has} (correct it in {path}, or drop it)")
        if lacking := [key for key in NEEDED if values.get(key) in (None, "", [], {})]:
            raise UserError(f"a study needs {lacking[0]}, got none (set {lacking[0]} in {path})")
        self.values = DEFAULTS | dict(values)

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def wrong(self, key: str, rule: str, got: Any = None) -> NoReturn:
        """Raise UserError by a rule."""
        value = self.values.get(key) if got is None else got
        shown = "null" if value is None else repr(value) if isinstance(value, str) else value
        raise UserError(f"{rule}, got {shown} (set {place_of(key, self.path, self.typed)})")

    def check_name(self, key: str, name: Any) -> None:
        """Raise UserError for an arm's name, at `key`, of which YAML has made no text, as of no or 1."""
        if isinstance(name, str | list | dict):
            return
        word, read = self._as_written(key, name), json.dumps(name, default=str)
        what = "a number" if read == word else read
        is_typed = key in map(_top, self.typed)
        cure = f"set {key}='\"{word}\"'" if is_typed else f'write "{word}" in {self.path}, with its quotes'
        raise UserError(f"an arm's name must be a text, got {word} for {key}, which YAML reads as {what} ({cure})")

    def _as_written(self, key: str, name: Any) -> str:
        """The word that was read as something else; what that is, where neither the file nor the command says it."""
        if (typed := next((each for each in self.typed if _top(each) == key), None)) is not None:
            return typed.partition("=")[2]
        try:
            written = plain_texts(self.path.read_text(encoding="utf-8"))[key]
        except (OSError, ValueError, LookupError, TypeError):
            return str(name)
        words = [written] if isinstance(written, str) else [each for each in written if re.fullmatch(r"[\w.+-]+", each)]
        read = [OmegaConf.create(f"- {each}")[0] for each in words]
        return next((word for word, each in zip(words, read, strict=True) if each == name), str(name))

    def choice(self, key: str, choices: Sequence[str]) -> str:
        """One of these."""
        if self.values[key] not in choices:
            self.wrong(key, f"{key} must be one of {', '.join(choices)}")
        return str(self.values[key])

    def names(self, key: str) -> list[str]:
        """A list of them."""
        given = self.values[key]
        if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
            self.wrong(key, f"{key} must be a list of names")
        return given

    def overrides(self, node: Any, key: str) -> tuple[str, ...]:
        """A list of them; a study's own keys aren't for it to set."""
        if not isinstance(node, list) or not all(isinstance(each, str) for each in node):
            self.wrong(key, "overrides must be a list of KEY=VALUE", node)
        written = tuple(compose.sugar(each) for each in node)
        for override in compose.parse(written):
            if override.is_sweep_override():
                self.wrong(key, "an override of a study has one value", override.input_line)
            if override.key_or_group in OWN or override.key_or_group.split(".")[0].split("/")[0] == "hydra":
                self.wrong(key, f"a study sets {override.key_or_group} itself", override.input_line)
        return written
