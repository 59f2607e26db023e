"""A study's table of verdicts for a paper, with what must be known of it below."""

import re
from collections.abc import Iterable, Iterator

from attnlab.study.marks import ledger, marks
from attnlab.study.running import Results
from attnlab.study.verdict_table import WORDS, footnotes, table

SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
} | {each: f"\\{each}" for each in "&%$#_{}"}


MINUS = re.compile(r"(?<![\w.)}-])-(?=\.?\d)")


def latex_lines(results: Results) -> Iterator[str]:
    """A `tabular` that needs no package and fits a page of A4 in one column, and a `minipage` of notes."""
    judgement = results.judgement
    yield f"% attnlab study {results.plan.study.said}, {results.plan.folder.name}"
    heads, *rows = table(judgement)
    yield r"\begingroup\footnotesize\setlength{\tabcolsep}{2pt}"
    yield rf"\noindent\begin{{tabular}}{{@{{}}{'l' * len(WORDS)}{'r' * (len(heads) - len(WORDS))}@{{}}}}"
    yield r"\hline"
    yield _row([_head(each, left=place < len(WORDS)) for place, each in enumerate(heads)])
    yield r"\hline"
    yield from (_row(map(escaped, row)) for row in rows)
    yield r"\hline"
    yield r"\end{tabular}"
    yield r"\par\smallskip"
    yield r"\noindent\begin{minipage}{\linewidth}\footnotesize"
    yield from (escaped(line) for line in (*footnotes(judgement), *marks(results), ledger(results)))
    yield r"\end{minipage}\endgroup"


def _head(text: str, *, left: bool) -> str:
    """On two lines where it has several words, so that columns are as wide as their numbers."""
    words = text.split()
    splits = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    lines = min(splits, key=lambda each: max(map(len, each)), default=(text,))
    stacked = r" \\ ".join(map(escaped, lines))
    return rf"\shortstack[{'l' if left else 'r'}]{{{stacked}}}"


def _row(cells: Iterable[str]) -> str:
    return f"{' & '.join(cells)} \\\\"


def escaped(text: str) -> str:
    """As LaTeX prints it, a number's minus as one."""
    return MINUS.sub("$-$", "".join(SPECIAL.get(each, each) for each in text))
