"""Runs that an override names: each becomes its folder before anything is composed, since the folder decides a hash."""

import re
from collections.abc import Sequence
from pathlib import Path

from attnlab.commands.arguments import run_named
from attnlab.commands.train.arguments import quoted
from attnlab.errors import UserError
from attnlab.launch import place
from attnlab.runs.named import LAST

# Other names are paths, whether or not they are there: a finished run is reported when what it began from is gone.
RUNS = re.compile(rf"(\+{{0,2}}(?:resume|init_from|extractor\.run)=)((?:[\w.-]+/)*(?:{LAST}|[0-9a-f]{{1,10}}))")
PLAIN = re.compile(r"[\w./-]*[/_.-][\w./-]*")  # text to Hydra without quotes


def with_named_runs(arguments: Sequence[str]) -> list[str]:
    """A command line with the folder of each run in the place of its short name; paths that are there stay.

    Raises:
        UserError: there is no such run, or several are meant.
    """
    return [_with_folder(each) for each in arguments]


def _with_folder(argument: str) -> str:
    match = RUNS.fullmatch(argument)
    if match is None or Path(match[2]).exists():
        return argument
    if place.num_processes() > 1 and Path(match[2]).name == LAST:
        raise UserError(
            f"each of {place.num_processes()} processes would look for the last run itself, got {argument} (give its "
            "folder)"
        )
    try:
        folder = run_named(match[2])
    except UserError as error:
        raise UserError(f"{error} (set {match[1].strip('+=')})") from error
    return match[1] + (folder if PLAIN.fullmatch(folder) else quoted(folder))
