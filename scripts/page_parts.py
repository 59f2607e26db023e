"""What pages of the reference are made of: the notice, tables, and papers with their BibTeX."""

import re
from collections.abc import Sequence

from attnlab.config.references import Reference

NOTICE = "<!-- Made by `make docs`. Edit the docstring or the YAML instead. -->"
BIBLIOGRAPHY = "../../conf/references.bib"
# What Markdown would take for its own outside of code: emphasis, tags and strokes.
MARKS = re.compile(r"(`[^`]*`)|([*<~])")


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escaped(text: str) -> str:
    """Text that says what it said; what stands in backticks stays."""
    return MARKS.sub(lambda match: match[1] or f"\\{match[2]}", text)


def paper_section(papers: Sequence[Reference], reason: str) -> list[str]:
    """Blocks of a page: each paper with its link, and all entries to copy; or why there is none."""
    if not papers:
        return ["## Papers", f"None: {reason}."]
    return ["## Papers", "\n".join(f"- {paper_line(each)}" for each in papers), bibtex(papers)]


def paper_line(paper: Reference) -> str:
    venue = f"{escaped(paper.venue)}, " if paper.venue else ""
    return f"{escaped(paper.by)}: [{escaped(paper.title)}]({paper.link}). {venue}{paper.year}."


def bibtex(papers: Sequence[Reference]) -> str:
    """Entries in a fold."""
    entries = "\n\n".join(each.entry for each in papers)
    summary = f'<summary>BibTeX, from <a href="{BIBLIOGRAPHY}">references.bib</a></summary>'
    return f"<details>{summary}\n\n```bibtex\n{entries}\n```\n\n</details>"
