"""YAML of anybody's files, of which none takes more time or memory than its own length."""

import re
from typing import Any

import yaml  # type: ignore[import-untyped]  # it has no types

from attnlab.reading.bounds import DEEPEST

# YAML's numbers to the base 60 take a time that grows with the square of their length.
LONG_NUMBER = re.compile(r"[-+]?\d[\d_]*(?::[0-5]?\d){30,}(?:\.[\d_]*)?")


class NotPlain(ValueError):
    """YAML that is more than it says, or none."""


def check_plain(text: str) -> None:
    """Look through a YAML text before it is read.

    Raises:
        NotPlain: an alias, of which a few lines make any number of values, a number that takes for ever to read, or
            values nested too deeply.
        YAMLError: it isn't YAML.
    """
    depth = 0
    for event in yaml.parse(text, yaml.BaseLoader):
        _check_event(event)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise NotPlain("nested too deeply")


def _check_event(event: Any) -> None:
    if isinstance(event, yaml.AliasEvent):
        raise NotPlain(f"aliases aren't read, got *{event.anchor} (write it out)")
    if isinstance(event, yaml.ScalarEvent) and LONG_NUMBER.fullmatch(event.value):
        raise NotPlain(f"a number must be short, got {event.value[:20]}... (quote it if it is a text)")


class _Texts(yaml.BaseLoader):  # type: ignore[misc]  # it has no types
    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        _check_event(self.peek_event())
        self.depth += 1
        if self.depth > DEEPEST:
            raise NotPlain("nested too deeply")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def plain_texts(text: str) -> Any:
    """Mappings and lists of texts as they are written: no number, date or null is made of any; None of an empty file.

    Raises:
        NotPlain: it isn't YAML, has an alias, or is nested too deeply.
    """
    try:
        return yaml.load(text, _Texts)
    except yaml.YAMLError as error:
        raise NotPlain(" ".join(str(error).split())) from error
