"""One name of a group for the terminal: what it is, what comes with it, and each of its keys with its default."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from attnlab.config.choices import Choice
from attnlab.config.described import Key
from attnlab.config.references import Reference
from attnlab.reporting.terminal.wrapping import wrapped

MOST_NAME, MOST_DEFAULT = 36, 20  # columns; what is longer has the rest of its line to itself
LEAST_SAID = 24  # columns that a comment needs beside its key
OF_A_GROUP = re.compile(r"\$\{(\w+)\}")


def render(
    found: Choice,
    tasks: Sequence[str],
    *,
    language: str,
    width: int,
    groups: Sequence[str],
    papers: Sequence[Reference] = (),
) -> list[str]:
    """Lines of at most `width` columns, as far as names, defaults and addresses allow."""
    named = f"{found.group}={found.name}" if found.group else found.name
    of = f"[{', '.join(tasks)}]" if tasks else ""
    fits = len(named) + 2 + len(of) <= width
    lines = [f"{named}  {of}".rstrip()] if fits else [named, *wrapped(of, width, indent=2)]
    for paragraph in found.head.paragraphs(language):
        lines += wrapped(paragraph, width, indent=2)
    for paper in papers:
        lines += [*wrapped(f"{paper.cited}: {paper.title}", width, indent=2), f"    {paper.link}"]
    if found.chooses:
        chosen = " ".join(f"{group}={name}" for group, name in found.chooses.items())
        lines += wrapped(f"{'附带' if language == 'zh' else 'with'} {chosen}", width, indent=2)
    for slot, group in found.slots.items():
        alone = f"{group} 中的名称，只用于这一处" if language == "zh" else f"of {group}, for this slot alone"
        lines.append(f"  {slot}=NAME: {alone}")
    keys = [each for each in found.keys if each.name not in found.slots]
    return [*lines, *([""] if keys else []), *_table(keys, language=language, width=width, groups=groups)]


def content(
    found: Choice, tasks: Sequence[str], *, language: str, groups: Sequence[str], papers: Sequence[Reference] = ()
) -> dict[str, Any]:
    """Likewise, for machines."""
    return {
        "group": found.group,
        "name": found.name,
        "file": str(found.path),
        "tasks": list(tasks),
        "description": " ".join(found.head.paragraphs(language)[:1]),
        "papers": [_of_paper(each) for each in papers],
        "chooses": dict(found.chooses),
        "slots": dict(found.slots),
        "keys": [
            {"key": key.name, "default": key.default, "comment": said(key, language, groups)} for key in found.keys
        ],
    }


def _of_paper(paper: Reference) -> dict[str, Any]:
    return {
        "key": paper.key,
        "title": paper.title,
        "authors": list(paper.authors),
        "year": int(paper.year),
        "link": paper.link,
        "bibtex": paper.entry,
    }


def said(key: Key, language: str, groups: Sequence[str]) -> str:
    """What is said of a key; where nothing is, and another group's choice stands there, which."""
    match = OF_A_GROUP.fullmatch(key.default)
    if not key.said.en and match and match[1] in groups:
        return f"{match[1]}=NAME"
    return key.said.text(language)


def _table(keys: Sequence[Key], *, language: str, width: int, groups: Sequence[str]) -> Iterator[str]:
    names = max((len(key.name) for key in keys if len(key.name) <= MOST_NAME), default=0)
    defaults = max((len(key.default) for key in keys if len(key.default) <= MOST_DEFAULT), default=0)
    start = 2 + names + 2 + defaults + 2
    if width - start < LEAST_SAID:
        start = 6
    for key in keys:
        head = f"  {key.name:<{names}}  {key.default:<{defaults}}"
        lines = wrapped(said(key, language, groups), width, indent=start)
        if lines and start > 6 and len(head) + 2 <= start:
            yield f"{head}  {lines[0].lstrip()}"
            lines = lines[1:]
        elif len(head.rstrip()) <= width:
            yield head.rstrip()
        else:
            yield f"  {key.name}"
            yield from wrapped(key.default, width, indent=start)
        yield from lines


def columns(name: str, text: str, *, at: int, width: int) -> list[str]:
    """A name, and from a column on what is said of it."""
    lines = wrapped(text, width, indent=at) or [""]
    return [(f"  {name}".ljust(at) + lines[0].lstrip()).rstrip(), *lines[1:]]
