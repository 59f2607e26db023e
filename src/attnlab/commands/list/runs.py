"""`attnlab list runs`: which runs there are, what each is, and what became of it."""

from pathlib import Path

from attnlab.commands.list.found_runs import listed_runs
from attnlab.commands.list.runs_table import render
from attnlab.errors import UserError
from attnlab.files import say
from attnlab.language import wanted
from attnlab.reading.shown import json_text


def list_runs(folder: Path, *, task: str | None, as_json: bool) -> int:
    """Print those below a folder; returns the exit status.

    Raises:
        UserError: there is none.
    """
    runs = listed_runs(folder, task=task)
    if as_json:
        print(json_text([each.plain() for each in runs], indent=1))
        return 0
    if not runs:
        of = "" if task is None else f" of task={task}"
        instead = f"no run{of} is there" if folder.is_dir() else "no such folder"
        if folder.is_file():
            instead = "runs lie below a folder, and this is a file"
        raise UserError(
            f"{instead}, got {folder} (give a folder with runs, go to the folder where you trained, or begin a run by "
            "attnlab train)"
        )
    say(render(runs, language=wanted()))
    return 0
