"""`attnlab list`: what can be chosen, read from the configuration itself, and what goes with what."""

import json
import textwrap
from pathlib import Path
from typing import Any

from attnlab.commands import arguments as arguments_of
from attnlab.commands.list import grid_table
from attnlab.commands.list.catalogue import GROUPS, catalogue
from attnlab.config.conf_path import conf_dir
from attnlab.errors import UserError

NAME_WIDTH = 32


def run(arguments: list[str]) -> int:
    """Print the groups' names, each with what its file says first, and the grid; returns the exit status."""
    parser = arguments_of.parser("list", "What `attnlab train GROUP=NAME` can choose, and which mechanism fits where.")
    parser.add_argument("what", nargs="?", metavar="GROUP|grid", help="one group alone, e.g. attention, or the grid")
    parser.add_argument("--task", help="only the models that fit this task")
    parser.add_argument("--config-dir", type=Path, action="append", default=[], help="a folder of your own configs")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    if options.what not in (None, "grid", *GROUPS):
        raise UserError(f"no such group, got {options.what!r} (choose from {', '.join(GROUPS)}, or grid)")
    arguments_of.check_config_dirs(options.config_dir)

    shipped = catalogue([conf_dir()])
    groups = catalogue([conf_dir(), *options.config_dir])
    grid = grid_table.read()
    if options.task is not None:
        groups, grid = _of_task(options.task, groups, grid, shipped)
    shown = {group: names for group, names in groups.items() if options.what in (None, group)}
    if options.json:
        print(json.dumps(_content(options.what, shown, grid), ensure_ascii=False, indent=1))
        return 0
    lines = [line for group, names in shown.items() for line in _group(group, names)]
    if options.what in (None, "grid"):
        own = [name for name in groups["attention"] if name not in grid["attention"]]
        lines += [""] * bool(lines) + grid_table.render(grid, own=own)
    print("\n".join(lines))
    return 0


def _content(what: str | None, groups: dict[str, dict[str, str]], grid: grid_table.Grid) -> dict[str, Any]:
    content: dict[str, Any] = {} if what == "grid" else {"groups": groups}
    return content | ({"grid": grid} if what in (None, "grid") else {})


def _of_task(
    task: str, groups: dict[str, dict[str, str]], grid: grid_table.Grid, shipped: dict[str, dict[str, str]]
) -> tuple[dict[str, dict[str, str]], grid_table.Grid]:
    """The task's own part of both; a model of the user's own, which the grid doesn't know, stays."""
    if task not in groups["task"]:
        raise UserError(f"no such task, got {task!r} (choose from {', '.join(groups['task'])})")
    fitting = grid["cells"].get(task, {})
    models = {name: what for name, what in groups["model"].items() if name in fitting or name not in shipped["model"]}
    return (
        groups | {"task": {task: groups["task"][task]}, "model": models},
        grid | {"cells": {task: fitting}},
    )


def _group(group: str, names: dict[str, str]) -> list[str]:
    lines = [group]
    for name, what in names.items():
        wrapped = textwrap.wrap(what, grid_table.WIDTH - NAME_WIDTH - 2) or [""]
        lines += [f"  {name:<{NAME_WIDTH}}{wrapped[0]}".rstrip()]
        lines += [f"  {'':<{NAME_WIDTH}}{more}" for more in wrapped[1:]]
    return lines
