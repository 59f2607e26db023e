"""`attnlab list`: what can be chosen, by the configuration itself, what goes with what, and the runs that are there."""

import argparse
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from attnlab.commands import arguments as arguments_of
from attnlab.commands.list import fits, grid_overview, grid_table, keys
from attnlab.commands.list.catalogue import GROUPS, OF_HYDRA, catalogue
from attnlab.commands.list.remarks import remark
from attnlab.config import choices, fitting, mechanism_files, references
from attnlab.config.called_elsewhere import name_guess
from attnlab.config.chinese_names import GROUPS as IN_CHINESE
from attnlab.config.conf_path import conf_dir
from attnlab.config.suggestions import own_file_there
from attnlab.errors import UserError, guess, unless_guessed
from attnlab.files import say
from attnlab.language import Language, Words, either, wanted
from attnlab.reading.shown import json_text
from attnlab.reporting.terminal.wrapping import wrapped

NAME_WIDTH = 32
LEAST, MOST, ELSE = 80, 120, 100  # columns of a terminal, and where there is none
NAMED = (*GROUPS, *OF_HYDRA)
OTHERS = ("grid", "runs", choices.ROOT)  # what is listed besides groups
ABOUT = Words(
    "What `attnlab train GROUP=NAME` can choose; of one name all its keys, their defaults and what they are; which "
    "mechanism fits where (grid); the keys of a run itself (train); and the runs that are there (runs).",
    "`attnlab train GROUP=NAME` 可以选什么；一个名称的全部键、默认值和含义；哪个机制能放在哪里（grid）；运行本身的"
    "键（train）；以及已有的运行（runs）。",
)


class Shelf(NamedTuple):
    """All that can be chosen, in the language that is asked for."""

    folders: Sequence[Path]
    language: Language
    width: int
    groups: Mapping[str, Mapping[str, str]]
    grid: fitting.Grid
    tasks: fits.Tasks

    def tasks_of(self, group: str, name: str) -> Sequence[str]:
        """Of which a name is; nothing where it is of any."""
        return self.tasks.get(group, {}).get(name, ())


def run(arguments: list[str]) -> int:
    """Print what is asked for; returns the exit status. Raises UserError where there is nothing of the kind."""
    options = _parser().parse_args(arguments)
    if options.name is None and options.what is not None:
        options.what, equals, name = options.what.partition("=")
        options.name = name if equals else None
    if options.all and options.what not in (None, "grid"):
        raise UserError(f"--all is for the grid, got it for {options.what} (drop --all)")
    arguments_of.check_config_dirs(options.config_dir)
    shelf = _shelf(options)
    if options.what == "runs":
        from attnlab.commands.list.runs import list_runs

        return list_runs(Path(options.name or "outputs"), task=options.task, as_json=options.json)
    named = _named(options, shelf)
    if named is not None:
        return _show_names(named, shelf, as_json=options.json)
    if options.name is not None:
        raise UserError(f"only a group has names, got {options.what} {options.name} (drop {options.name})")
    return _show_groups(options, shelf)


def _parser() -> argparse.ArgumentParser:
    parser = arguments_of.parser("list", ABOUT.said(wanted()))
    helped = either(
        "one group or name alone, e.g. attention or conll", "只看一个配置组或一个名称，如 attention 或 conll"
    )
    parser.add_argument("what", nargs="?", metavar="GROUP|NAME|grid|runs|train", help=helped)
    helped = either("of a group; or where the runs are (outputs)", "配置组里的名称；或运行所在的目录（outputs）")
    parser.add_argument("name", nargs="?", metavar="NAME|FOLDER", help=helped)
    helped = either("only what is of this task, or fits it", "只看这个任务默认选用的，和能用于它的")
    parser.add_argument("--task", help=helped)
    helped = either("the grid slot by slot, of all tasks", "整张表（grid），逐槽位，含全部任务")
    parser.add_argument("--all", action="store_true", help=helped)
    arguments_of.add_config_dir(parser, kind=Path)
    arguments_of.add_json(parser)
    return parser


def _shelf(options: argparse.Namespace) -> Shelf:
    folders, grid = [conf_dir(), *options.config_dir], fitting.read()
    language: Language = "en" if options.json else wanted()  # a program reads the same everywhere
    groups: Mapping[str, Mapping[str, str]] = catalogue(folders, language=language)
    tasks = fits.tasks_of(groups, grid, folders)
    if (task := options.task) is not None:
        if task not in groups["task"]:
            guessed = name_guess(task, list(groups["task"]))
            raise UserError(f"no such task, got {task!r}{guessed} (choose from {', '.join(groups['task'])})")
        groups = fits.of_task(task, groups, tasks)
        grid = grid | {"cells": {task: grid["cells"].get(task, {})}}
    columns = shutil.get_terminal_size((ELSE, 24)).columns
    return Shelf(
        folders=folders, language=language, width=min(max(columns, LEAST), MOST), groups=groups, grid=grid, tasks=tasks
    )


def _named(options: argparse.Namespace, shelf: Shelf) -> list[choices.Choice] | None:
    """What a name stands for, in one group or in several; None where groups are asked for."""
    what, name = options.what, options.name
    if what in NAMED and name is not None:
        if name not in shelf.groups[what]:
            _check_lies_elsewhere(what, name, shelf)
            guessed = name_guess(name, known := list(shelf.groups[what]))
            choose = unless_guessed(guessed, known, f" (choose from {', '.join(known)})")
            raise UserError(f"no {what} is named {name!r}{guessed}{choose or f' (attnlab list {what} names all)'}")
        return [choices.choice(what, name, shelf.folders)]
    if what == choices.ROOT and name is None:
        return [choices.choice("", choices.ROOT, shelf.folders)]
    if what in (None, *OTHERS, *NAMED):
        return None
    found = [choices.choice(group, what, shelf.folders) for group, names in shelf.groups.items() if what in names]
    if not found:
        for group in mechanism_files.GROUPS:
            _check_lies_elsewhere(group, what, shelf)
        known = [*NAMED, *OTHERS, *(each for names in shelf.groups.values() for each in names)]
        guessed, of = (
            guess([IN_CHINESE[what]] if what in IN_CHINESE else []) or name_guess(what, known),
            [*NAMED, *OTHERS],
        )
        choose = unless_guessed(guessed, of, f" (choose from {', '.join(of)}, or a name in those)")
        raise UserError(f"no such group or name, got {what!r}{guessed}{choose or ' (attnlab list names all)'}")
    return found


def _check_lies_elsewhere(group: str, name: str, shelf: Shelf) -> None:
    """Raise UserError for the name of a file of the user's own in a folder that isn't given."""
    own = [str(folder) for folder in shelf.folders if folder != conf_dir()]
    if there := own_file_there(group, name, own):
        raise UserError(f"no {group} is named {name!r}: {there}")


def _show_names(found: Sequence[choices.Choice], shelf: Shelf, *, as_json: bool) -> int:
    blocks = []
    for each in found:
        tasks, papers = shelf.tasks_of(each.group, each.name), references.named(each.head.papers, shelf.folders)
        wrong = remark(each, shelf.folders)
        if as_json:
            content = keys.content(each, tasks, language=shelf.language, groups=GROUPS, papers=papers)
            print(json_text(content | {"remark": wrong}))
        lines = keys.render(each, tasks, language=shelf.language, width=shelf.width, groups=GROUPS, papers=papers)
        if wrong:
            told = Words(f"It can't be chosen as it is: {wrong}", f"现在还不能选用，程序报告：“{wrong}”")
            lines += ["", *wrapped(told.said(shelf.language), shelf.width, indent=2)]
        blocks.append(lines)
    if not as_json:
        say("\n\n".join("\n".join(block) for block in blocks).split("\n"))
    return 0


def _show_groups(options: argparse.Namespace, shelf: Shelf) -> int:
    shown = {group: names for group, names in shelf.groups.items() if options.what in (None, group)}
    if options.json:
        print(json_text(_content(options.what, shown, shelf), indent=1))
        return 0
    lines = [line for group, names in shown.items() for line in _group(group, names, shelf, of_one=options.task)]
    if options.what in (None, "grid"):
        lines += [""] * bool(lines) + _grid(options, shelf)
    say(lines)
    return 0


def _grid(options: argparse.Namespace, shelf: Shelf) -> list[str]:
    """Slot by slot where that is asked for, or one task is; else a line a mechanism."""
    own = [name for name in shelf.groups["attention"] if name not in shelf.grid["attention"]]
    if options.all or options.task:
        return grid_table.render(shelf.grid, own=own, width=shelf.width, language=shelf.language)
    return grid_overview.render(shelf.grid, shelf.tasks, own=own, width=shelf.width, language=shelf.language)


def _content(what: str | None, groups: Mapping[str, Mapping[str, str]], shelf: Shelf) -> dict[str, Any]:
    tasks = {group: {name: list(shelf.tasks_of(group, name)) for name in names} for group, names in groups.items()}
    content: dict[str, Any] = {} if what == "grid" else {"groups": groups, "tasks": tasks}
    return content | ({"grid": shelf.grid} if what in (None, "grid") else {})


def _group(group: str, names: Mapping[str, str], shelf: Shelf, *, of_one: str | None) -> list[str]:
    """A group's names; each says of which tasks it is, unless all are of one that was asked for."""
    lines = [group]
    for name, said in names.items():
        tasks = () if of_one or group in ("task", "attention", "feature_attention") else shelf.tasks_of(group, name)
        text = f"{said} [{', '.join(tasks)}]" if tasks else said
        lines += keys.columns(name, text, at=NAME_WIDTH + 2, width=shelf.width)
    return lines
