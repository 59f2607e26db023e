"""What may stand where a cursor stands."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from attnlab.language import either
from attnlab.runs.named import LAST, OUTPUTS, by_age, runs_below

PLAIN = re.compile(r"\w[\w.,@%+=-]*")


class Candidate(NamedTuple):
    """A word, what it is, and whether nothing can follow within it."""

    word: str
    said: str = ""
    whole: bool = True


FILES = Candidate("files", "a file's name", whole=False)
"""That any file may stand there, besides."""


def run_names(begun: str) -> Iterator[Candidate]:
    """`last` and the hashes of the runs below `outputs`, or below the folder that is begun with; and files.

    A folder may be anybody's: one that a shell would take for more than a word is completed as a file, which is quoted.
    """
    place = begun.rpartition("/")[0]
    parent, prefix = (Path(place).expanduser(), f"{place}/") if place else (OUTPUTS, "")
    runs = by_age(runs_below(parent))
    known = [(LAST, either("the run that was trained last", "最后训练的运行"))] if runs else []
    plain = [run for run in runs if PLAIN.fullmatch(run.name)]
    known += [(run.name, "/".join(run.parent.relative_to(parent).parts)) for run in plain]
    yield from (Candidate(prefix + name, said) for name, said in known if (prefix + name).startswith(begun))
    yield FILES
