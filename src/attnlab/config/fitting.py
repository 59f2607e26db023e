"""Which names go with which, by the constructors' own word as grid.json has it (`attnlab.commands.list.grid`)."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attnlab.config.choices import brings
from attnlab.config.conf_path import conf_dir
from attnlab.errors import UserError

Grid = dict[str, Any]
"""The content of grid.json, whose layout is in attnlab/commands/list/grid.py."""

PATH = Path(__file__).with_name("grid.json")


def read() -> Grid:
    """The grid that the constructors were last asked for."""
    grid: Grid = json.loads(PATH.read_text(encoding="utf-8"))
    return grid


def check_fit(choices: Mapping[str, Any]) -> None:
    """Raise UserError, with what does fit, for a shipped model, data set or tokenizer that isn't of the task.

    `choices` are the names by group. Of the user's own files nothing is known here.
    """
    grid, task = read(), str(choices.get("task"))
    if task not in grid["cells"]:
        return
    models: dict[str, list[str]] = {}
    for each, known in grid["cells"].items():
        for model in known:
            models.setdefault(model, []).append(each)
    for group, tasks in (("data", grid["fits"]["data"]), ("model", models), ("tokenizer", grid["fits"]["tokenizer"])):
        name = str(choices.get(group))
        others = [each for each, fitting in tasks.items() if task in fitting]
        if name in tasks and task not in tasks[name] and others:
            own = f"set {group} to one of {', '.join(others)}, or another task"
            chosen = f"{group}={name}"
            if brings(experiment := str(choices.get("experiment")), [conf_dir()]).get(group) == name:
                own = f"choose an experiment of this task, or another task, or drop experiment={experiment}"
                chosen += f" of experiment={experiment}"
            raise UserError(
                f"this {group} doesn't fit this task: {chosen} is for task={' or '.join(tasks[name])}, got "
                f"task={task} ({own})"
            )


def unfit(task: str) -> dict[str, set[str]]:
    """The shipped models, data sets and tokenizers, by their groups, that aren't of a task; none for the user's."""
    grid = read()
    if task not in grid["cells"]:
        return {}
    models = {model for known in grid["cells"].values() for model in known}
    found = {"model": models - set(grid["cells"][task])}
    for group in ("data", "tokenizer"):
        found[group] = {name for name, tasks in grid["fits"][group].items() if task not in tasks}
    return found


def serving(roles: Iterable[str]) -> list[str]:
    """The attention mechanisms that serve one of these roles or more in any model."""
    wanted = set(roles)
    found = read()["attention"].items()
    return [name for name, each in found if wanted & set(each["serves"]) and not each.get("on_grids")]
