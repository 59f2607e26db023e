"""A study's table of verdicts for a paper, with what must be known of it below."""

from collections.abc import Iterator, Sequence

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


def latex_lines(results: Results) -> Iterator[str]:
    """A `tabular` that needs no package, and a `minipage` of notes."""
    judgement = results.judgement
    yield f"% attnlab study {results.plan.study.name}, {results.plan.folder.name}"
    heads, *rows = table(judgement)
    yield rf"\begin{{tabular}}{{{'l' * len(WORDS)}{'r' * (len(heads) - len(WORDS))}}}"
    yield r"\hline"
    yield _row(heads)
    yield r"\hline"
    yield from map(_row, rows)
    yield r"\hline"
    yield r"\end{tabular}"
    yield ""
    yield r"\begin{minipage}{\linewidth}\footnotesize"
    yield from (escaped(line) for line in (*footnotes(judgement), *marks(results), ledger(results)))
    yield r"\end{minipage}"


def _row(cells: Sequence[str]) -> str:
    return f"{' & '.join(map(escaped, cells))} \\\\"


def escaped(text: str) -> str:
    """As LaTeX prints it."""
    return "".join(SPECIAL.get(each, each) for each in text)
