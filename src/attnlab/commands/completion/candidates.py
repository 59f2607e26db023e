"""What may stand where a cursor stands."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from attnlab.runs.named import LAST, OUTPUTS, by_age, runs_below


class Candidate(NamedTuple):
    """A word, what it is, and whether nothing can follow within it."""

    word: str
    said: str = ""
    whole: bool = True


FILES = Candidate("files", "a file's name", whole=False)
"""That any file may stand there, besides."""


def run_names(begun: str) -> Iterator[Candidate]:
    """`last` and the hashes of the runs below `outputs`, or below the folder that is begun with; and files."""
    place = begun.rpartition("/")[0]
    parent, prefix = (Path(place).expanduser(), f"{place}/") if place else (OUTPUTS, "")
    runs = by_age(runs_below(parent))
    known = [(LAST, "the run that was trained last")] if runs else []
    known += [(run.name, "/".join(run.parent.relative_to(parent).parts)) for run in runs]
    yield from (Candidate(prefix + name, said) for name, said in known if (prefix + name).startswith(begun))
    yield FILES
