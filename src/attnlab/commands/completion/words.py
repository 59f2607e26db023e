"""The words of `attnlab COMMAND ...`: which may stand where the cursor is."""

import argparse
import re
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from itertools import pairwise
from pathlib import Path

from attnlab.commands import arguments as arguments_of
from attnlab.commands.cli import COMMANDS
from attnlab.commands.completion.candidates import FILES, Candidate, run_names
from attnlab.commands.completion.overrides import Overrides
from attnlab.commands.list.catalogue import GROUPS, OF_HYDRA, catalogue, names_of
from attnlab.config import choices
from attnlab.config.conf_path import conf_dir
from attnlab.language import either, wanted

TRAIN = "train"
CONFIG_DIR = ("--config-dir", "-cd")
MECHANISMS = ("attention", "feature_attention")
MECHANISM = re.compile(r"[+~]*(feature_)?attention[.=]")


def candidates(words: Sequence[str]) -> list[Candidate]:
    """Those of the last word, which is begun, after `attnlab` and the others.

    Raises:
        UserError: a file of the configuration can't be read.
    """
    if len(words) < 2:
        begun = words[0] if words else ""
        return [Candidate(name, what.said(wanted())) for name, (_, what) in COMMANDS.items() if name.startswith(begun)]
    command, given, begun = words[0], words[1:-1], words[-1]
    if command not in COMMANDS:
        return []
    folders = [conf_dir(), *_config_dirs(given)]
    overrides = Overrides(folders=folders, given=given, language=wanted())
    if command == TRAIN:
        return list(_of_train(given, begun, overrides))
    parser = arguments_of.parser_of(import_module(COMMANDS[command][0]).run)
    return [] if parser is None else list(_of_parser(command, parser, given, begun, overrides))


def _config_dirs(given: Sequence[str]) -> list[Path]:
    after = [word for option, word in pairwise(given) if option in CONFIG_DIR]
    inside = [word.partition("=")[2] for word in given if word.startswith("--config-dir=")]
    return [folder for each in (*after, *inside) if (folder := Path(each).expanduser()).is_dir()]


def _of_train(given: Sequence[str], begun: str, overrides: Overrides) -> Iterator[Candidate]:
    if not (begun.startswith("-") or (given and given[-1].startswith("-"))):
        yield from overrides.of_run(begun)
        return
    from attnlab.commands.train.arguments import ALONE, INFO, TAKE_A_VALUE  # Hydra's

    if given and given[-1] in (*CONFIG_DIR, *TAKE_A_VALUE):
        if given[-1] == "--cfg":
            yield from (Candidate(each) for each in ("job", "hydra", "all") if each.startswith(begun))
        elif given[-1] in CONFIG_DIR:
            yield FILES
    elif given and given[-1] == "--info":
        yield from (Candidate(each) for each in INFO if each.startswith(begun))
    elif begun.startswith("-"):
        yield from (Candidate(each) for each in ("--help", *TAKE_A_VALUE, *ALONE) if each.startswith(begun))
    else:
        yield from overrides.of_run(begun)


def _of_parser(
    command: str, parser: argparse.ArgumentParser, given: Sequence[str], begun: str, overrides: Overrides
) -> Iterator[Candidate]:
    options = {name: action for action in parser._actions for name in action.option_strings}
    taken = options.get(given[-1]) if given else None
    if taken is not None and taken.nargs != 0:
        yield from _values(taken, begun, overrides)
        return
    name, equals, value = begun.partition("=")
    if equals and name in options:
        for each in _values(options[name], value, overrides):
            yield each if each is FILES else each._replace(word=f"{name}={each.word}")
        return
    if begun.startswith("-"):
        yield from (
            Candidate(name, options[name].help or "")
            for name in options
            if name.startswith("--") and name.startswith(begun)
        )
        return
    if command == "explain":
        yield from (each for each in overrides.of_run(begun) if each is FILES or MECHANISM.match(each.word))
        return
    positional = _positional(parser, options, given)
    if positional is not None:
        yield from _positionals(command, positional, given, begun, overrides)


def _positional(
    parser: argparse.ArgumentParser, options: dict[str, argparse.Action], given: Sequence[str]
) -> argparse.Action | None:
    """That whose turn it is."""
    before = 0
    for place, word in enumerate(given):
        option = options.get(given[place - 1]) if place else None
        before += not word.startswith("-") and (option is None or option.nargs == 0)
    positionals = [action for action in parser._actions if not action.option_strings]
    for action in positionals:
        if action.nargs in ("*", "+") or before == 0:
            return action
        before -= 1
    return None


def _values(action: argparse.Action, begun: str, overrides: Overrides) -> Iterator[Candidate]:
    """Of an option."""
    if action.choices is not None:
        yield from (Candidate(str(each)) for each in action.choices if str(each).startswith(begun))
    elif action.dest == "task":
        yield from _named("task", begun, overrides)
    elif action.dest == "against":
        yield from run_names(begun)
    elif action.dest not in ("trust", "set", "query", "keys", "values", "labels") and action.type not in (int, float):
        yield FILES


def _positionals(
    command: str, action: argparse.Action, given: Sequence[str], begun: str, overrides: Overrides
) -> Iterator[Candidate]:
    """By what an argument is called: every command that takes a run calls it so."""
    own: dict[str, Callable[[], Iterator[Candidate]]] = {
        "run": lambda: run_names(begun),
        "folders": lambda: run_names(begun),
        "target": lambda: (each for group in MECHANISMS for each in _named(group, begun, overrides)),
        "what": lambda: _listed(begun, overrides),
    }
    if action.choices is not None:
        yield from _values(action, begun, overrides)
    elif action.dest in own:
        yield from own[action.dest]()
    elif command == "list":
        yield from _named(given[0], begun, overrides) if given[0] in (*GROUPS, *OF_HYDRA) else [FILES]
    elif command == "study":
        study = action.dest == "name"
        yield from _named("study", begun, overrides) if study else overrides.of_study(given[0], begun)
    elif command == "evaluate":
        yield from overrides.of_evaluation(given[0], begun)
    elif action.dest == "overrides" and command == "data" and re.fullmatch(r"[\w-]*", begun) and not given:
        yield from _named("data", begun, overrides)
        yield from overrides.of_run(begun)
    elif action.dest == "overrides":
        yield from overrides.of_run(begun)
    else:
        yield FILES
    if action.dest == "target":
        yield FILES


def _named(group: str, begun: str, overrides: Overrides) -> Iterator[Candidate]:
    found = names_of(group, overrides.folders, language=overrides.language)
    return (Candidate(name, what) for name, what in found.items() if name.startswith(begun))


def _listed(begun: str, overrides: Overrides) -> Iterator[Candidate]:
    groups = catalogue(overrides.folders, language=overrides.language)
    known = {name: what for names in groups.values() for name, what in names.items()}
    known |= dict.fromkeys(groups, either("a group", "一个配置组"))
    known |= {
        "grid": either("which fits where", "哪个能放在哪里"),
        "runs": either("the runs that are there", "已有的运行"),
        choices.ROOT: either("a run's own keys", "运行本身的键"),
    }
    return (Candidate(name, what) for name, what in known.items() if name.startswith(begun))
