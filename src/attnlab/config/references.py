"""The papers that the configuration's files name, as `# papers: KEY, KEY`: read from references.bib beside them.

BibTeX as LaTeX reads it, with one field a line, so that a reader of a few lines does. A mechanism of no paper says why:
`# papers: none, a control`.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from attnlab.config.odd_yaml import not_utf8
from attnlab.errors import UserError, closest

FILE = "references.bib"
HEADING, NONE = "papers: ", "none, "
ENTRY = re.compile(r"^@(\w+)\{([\w-]+),\n((?:  .*\n)+)\}$", re.MULTILINE)
FIELD = re.compile(r"  (\w+) = \{(.+)\},")
# What LaTeX writes as a command and a letter: {\"o}, {\c{c}}.
ACCENTED = re.compile(r"\{\\([^A-Za-z\s&]|c)\{?(\w)\}?\}")
ACCENTS = {"'": "\u0301", "`": "\u0300", '"': "\u0308", "^": "\u0302", "~": "\u0303", "=": "\u0304", "c": "\u0327"}
PLAIN = {"``": "“", "''": "”", "--": "–", r"\&": "&", "{": "", "}": ""}


class Reference(NamedTuple):
    """A paper.

    Attributes:
        authors: all, or the first of many and "others".
        cited: `Bahdanau et al., 2015`, as docstrings name it.
        entry: its BibTeX as it stands.
    """

    key: str
    title: str
    authors: tuple[str, ...]
    cited: str
    venue: str
    year: str
    link: str
    entry: str

    @property
    def by(self) -> str:
        """The authors in a line."""
        *first, last = self.authors
        if last == "others":
            return f"{', '.join(first)} et al."
        return f"{', '.join(first)} and {last}" if first else last


def keys_of(papers: str) -> tuple[str, ...]:
    """What stands after `papers: `."""
    return () if papers.startswith(NONE) else tuple(each.strip() for each in papers.split(",") if each.strip())


def reason_of(papers: str) -> str:
    """Why there is none; empty where there is one, or nothing is said."""
    return papers.removeprefix(NONE) if papers.startswith(NONE) else ""


def named(papers: str, folders: Sequence[Path]) -> list[Reference]:
    """The papers that a file names; of several folders the first that has a key counts.

    Raises:
        UserError: no folder has a key, or a bibliography isn't one.
    """
    if not (keys := keys_of(papers)):
        return []
    known: dict[str, Reference] = {}
    for folder in reversed(folders):
        known |= read(folder)
    if lacking := [key for key in keys if key not in known]:
        guessed = closest(lacking[0], list(known))
        raise UserError(
            f"a paper must be in {FILE} of a folder of configuration, got {lacking[0]}{guessed} "
            f"(write it into {folders[-1] / FILE})"
        )
    return [known[key] for key in keys]


def read(folder: Path) -> dict[str, Reference]:
    """The papers of a folder of configuration, by their keys; none where it has no such file.

    Raises:
        UserError: an entry that isn't written as the others, lacks a field or has a key of another's.
    """
    path = folder / FILE
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
    except UnicodeDecodeError as error:
        raise not_utf8(error, str(path)) from error
    found: dict[str, Reference] = {}
    for match in ENTRY.finditer(text):
        reference = _reference(match)
        if reference.key in found:
            raise UserError(f"a key must be of one paper alone, got {reference.key} twice (correct {path})")
        found[reference.key] = reference
    if left := [line for line in ENTRY.sub("", text).splitlines() if line.strip() and not line.startswith("%")]:
        raise UserError(
            f"an entry must have one field a line, as `  year = {{2015}},`, got {left[0]!r} (correct {path})"
        )
    return found


def _reference(match: re.Match[str]) -> Reference:
    fields: dict[str, str] = {}
    for line in match[3].splitlines():
        field = FIELD.fullmatch(line)
        if field is None or field[1] in fields:
            raise UserError(f"a field must be written once, as `  year = {{2015}},`, got {line!r} (correct {match[2]})")
        fields[field[1]] = field[2]
    if lacking := [name for name in ("author", "title", "year") if name not in fields]:
        raise UserError(
            f"a paper must have an author, a title and a year, got none of {lacking[0]} (correct {match[2]})"
        )
    if not re.fullmatch(r"\d{4}", fields["year"]):
        raise UserError(f"a year must be four digits, got {fields['year']!r} (correct {match[2]})")
    names = [_Name(*plain(each).partition(", ")[::2]) for each in fields["author"].split(" and ")]
    return Reference(
        key=match[2],
        title=plain(fields["title"]),
        authors=tuple(f"{name.given} {name.family}".strip() for name in names),
        cited=f"{_cited([name.family for name in names])}, {fields['year']}",
        venue=plain(fields.get("booktitle", fields.get("journal", ""))),
        year=fields["year"],
        link=_link(fields, match[2]),
        entry=match[0],
    )


class _Name(NamedTuple):
    family: str
    given: str


def _cited(families: Sequence[str]) -> str:
    first, *others = families
    if len(others) == 1 and others != ["others"]:
        return f"{first} and {others[0]}"
    return f"{first} et al." if others else first


def _link(fields: Mapping[str, str], key: str) -> str:
    if fields.get("archivePrefix") == "arXiv":
        return f"https://arxiv.org/abs/{fields['eprint']}"
    if "doi" in fields:
        return f"https://doi.org/{fields['doi']}"
    if "url" in fields:
        return fields["url"]
    raise UserError(f"a paper must have an eprint of arXiv, a doi or a url, got none of them (correct {key})")


def plain(latex: str) -> str:
    """What LaTeX prints."""
    text = ACCENTED.sub(lambda match: unicodedata.normalize("NFC", match[2] + ACCENTS[match[1]]), latex)
    for written, printed in PLAIN.items():
        text = text.replace(written, printed)
    return text
