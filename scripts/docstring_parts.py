"""A mechanism's docstring taken apart: idea, equations, prose, what it costs and what it refuses."""

import inspect
import re
from typing import NamedTuple

PROSE_WORDS = 8  # so many words make a sentence of a line that could be an equation
SECTION = re.compile(r"(Args|Raises|Returns):$")
COST = re.compile(r"Cost: time (?P<time>.+?), memory (?P<memory>.+?)\.(?: (?P<note>.+))?$")


class Cost(NamedTuple):
    """What one layer costs as lengths grow, without the projections around it."""

    time: str
    memory: str
    note: str


class Docstring(NamedTuple):
    idea: str
    equations: list[str]
    """Lines, with their alignment."""
    prose: list[str]
    """Paragraphs."""
    refusals: list[str]
    """Paragraphs that begin with "Raises", or such a section."""
    cost: Cost
    """Of the paragraph `Cost: time T² D, memory T D. A note.`; the note may be empty."""


def take_apart(mechanism: type) -> Docstring:
    """The parts of a class's docstring; ValueError where there is none, or none that says the cost."""
    if not mechanism.__doc__:
        raise ValueError(f"{mechanism.__name__} has no docstring to document it by")
    paragraphs = inspect.cleandoc(mechanism.__doc__).split("\n\n")
    costs = [paragraph for paragraph in paragraphs if paragraph.startswith("Cost:")]
    parts = Docstring(_joined(paragraphs[0].splitlines()), [], [], [], _cost(mechanism.__name__, costs))
    for index, paragraph in enumerate(paragraph for paragraph in paragraphs[1:] if paragraph not in costs):
        lines = paragraph.splitlines()
        if section := SECTION.match(lines[0]):
            if section[1] == "Raises":
                parts.refusals.append(f"Raises {_joined(lines[1:])}")
            continue  # arguments are documented by the YAML
        if index == 0:
            while lines and _is_equation(lines[0], follows=bool(parts.equations)):
                parts.equations.append(lines.pop(0))
        if lines:
            (parts.refusals if lines[0].startswith("Raises") else parts.prose).append(_joined(lines))
    return parts


def _cost(name: str, paragraphs: list[str]) -> Cost:
    found = COST.match(_joined(paragraphs[0].splitlines())) if len(paragraphs) == 1 else None
    if found is None:
        raise ValueError(f"{name} must say once what it costs, as in `Cost: time T² D, memory T D. A note.`")
    return Cost(found["time"], found["memory"], found["note"] or "")


def _is_equation(line: str, *, follows: bool) -> bool:
    if line.startswith((" ", "=")) or "    " in line:  # indented, or with a source set off to the right
        return True
    if re.match(r"[(`]|[A-Z][a-z]+\b", line):
        return False
    if follows and re.match(r"[a-z]{2,}", line):  # the end of the line before it
        return True
    return len(re.findall(r"\b[a-z]{2,}\b", line)) < PROSE_WORDS or " = " in line


def _joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)
