"""The command lines of all commands: mistakes are one line."""

import argparse
import re
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NoReturn

from attnlab.commands.mistyped import PAGE_OF_A_RUN, Typed
from attnlab.config import trusted_files
from attnlab.errors import UserError, closest, unless_guessed
from attnlab.language import Words, either, wanted
from attnlab.reading.keyboard import check_slashes
from attnlab.reading.shown import tell

PLACES = ("DIR", "FILE", "FOLDER", "PATH", "NAME|FOLDER")  # how help calls what files and folders are given as
_KINDS = {"int": "a whole number", "float": "a number"}

_NEGATIVE = re.compile(r"-\.?\d")  # -6cm and -1:1 are values, too; argparse knows only -6


class Parser(argparse.ArgumentParser):
    """argparse's, whose own `error` prints its usage too and exits, and which `parser_of` can catch.

    Attributes:
        needed: what the arguments are that can't be left out, as `add_needed` has it, in English as errors are.
        of_pages: what to say where a page is asked for of a command that has no option for one, likewise.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._negative_number_matcher = _NEGATIVE
        self._typed = Typed(self, ())
        self.needed: dict[str, str] = {}
        self.of_pages = PAGE_OF_A_RUN

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse does it, or in `parser_of` nothing."""
        if _CAUGHT.get():
            raise _Parsing(self)
        self._typed = Typed(self, list(args or ()))
        # What may be taken for another argument: an option with a dash of another script, a value's second word.
        if odd := self._typed.dashed() or self._typed.surely_parted():
            raise mistake(odd, prog=self.prog)
        found = super().parse_known_args(args, namespace)
        for action in self._actions:
            for path in _paths(action, found[0]):
                check_slashes(path, f"{action.option_strings[-1]} " if action.option_strings else "")
        return found

    def format_help(self) -> str:
        """As argparse does it, or in Chinese where that is wanted, which all texts of the parser are then."""
        text = super().format_help()
        if wanted() == "en":
            return text
        from attnlab.commands.chinese_help import in_chinese

        return in_chinese(text)

    def error(self, message: str) -> NoReturn:
        """Raise UserError, in our words where argparse's only say that something is wrong."""
        if unknown := re.match(r"unrecognized arguments: (\S+)", message):
            what = "no such option" if unknown[1].startswith("-") else "too many arguments"
            meant = self._typed.instead(unknown[1].partition("=")[0])
            meant = meant or ("" if unknown[1].startswith("-") else f": drop {unknown[1]}")
            message = self._typed.parted_by(unknown[1]) or f"{what} of {self.prog}, got {unknown[1]}{meant}"
        elif typed := re.match(r"argument ([^:]+): invalid (\w+) value: (.*)", message):
            message = f"{typed[1].split('/')[-1]} must be {_KINDS.get(typed[2], typed[2])}, got {typed[3]}"
        elif lacking := re.match(r"the following arguments are required: (.*)", message):
            first = lacking[1].split(", ")[0]
            message = f"{self.prog} needs {first.upper()}, {self.needed[first]}, got none"
        elif single := re.match(r"argument ([^:]+): expected (?:at least )?one argument", message):
            option = single[1].split("/")[-1]
            message = f"{option} needs a value, got none: write {option} {self._typed.such_as(option)}"
        elif one_of := re.match(r"one of the arguments (.*) is required", message):
            message = f"{self.prog} needs one of {', '.join(one_of[1].split())}, got {self._typed.strange() or 'none'}"
        elif beside := re.match(r"argument ([^:]+): not allowed with argument (\S+)", message):
            one, other = beside[1].split("/")[-1], beside[2].split("/")[-1]
            message = f"one of {other} and {one} can be given, got both (drop one)"
        elif chosen := re.match(r"argument ([^:]+): invalid choice: '?([^']*?)'? \(choose from (.*)\)", message):
            names = [each.strip("' ") for each in chosen[3].split(",")]
            what = chosen[1].split("/")[-1]
            guessed = closest(chosen[2], names)
            listed = unless_guessed(guessed, names, f" must be one of {', '.join(names)}") or " has no such value"
            message = f"{what}{listed}{guessed}, got {chosen[2]!r}"
        elif shortened := re.match(r"ambiguous option: (\S+) could match (.*)", message):
            message = f"an option must be told apart, got {shortened[1]}, which may be {shortened[2]}"
        elif valued := re.match(r"argument ([^:]+): ignored explicit argument '(.*)'", message):
            message = f"{valued[1].split('/')[-1]} takes no value, got {valued[2]!r}"
        raise mistake(message, prog=self.prog)


def _paths(action: argparse.Action, options: argparse.Namespace) -> Sequence[str | Path]:
    value = getattr(options, action.dest, None) if action.metavar in PLACES else None
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, (str, Path))]


class _Parsing(Exception):
    """A command is about to read its arguments."""

    def __init__(self, by: argparse.ArgumentParser) -> None:
        super().__init__(by.prog)
        self.by = by


_CAUGHT = ContextVar("_CAUGHT", default=False)


def parser_of(run: Callable[[list[str]], int]) -> argparse.ArgumentParser | None:
    """Which arguments a command takes, by its own parser; it goes no further. None for one that has no such parser."""
    token = _CAUGHT.set(True)
    try:
        run(["--help"])
    except _Parsing as parsing:
        return parsing.by
    finally:
        _CAUGHT.reset(token)
    return None


def parser(command: str, description: str, *, usage: str | None = None, allow_abbrev: bool = True) -> Parser:
    """For `attnlab COMMAND`, with `--help` alone; `usage` and `allow_abbrev` are argparse's."""
    made = Parser(
        prog=f"attnlab {command}",
        description=description,
        usage=usage,
        allow_abbrev=allow_abbrev,
        add_help=False,
        formatter_class=_formatter(),
    )
    told = either("show this help message and exit", "显示这段帮助，然后退出")
    made.add_argument("-h", "--help", action="help", default=argparse.SUPPRESS, help=told)
    return made


def _formatter() -> type[argparse.HelpFormatter]:
    if wanted() == "en":
        return argparse.HelpFormatter
    from attnlab.commands.chinese_help import ChineseHelp

    return ChineseHelp


def add_needed(
    parser: Parser, name: str, said: Words, *, metavar: str | None = None, choices: Sequence[str] | None = None,
    nargs: str | None = None,
) -> None:  # fmt: skip
    """An argument without an option that can't be left out."""
    parser.add_argument(name, metavar=metavar, choices=choices, nargs=nargs, help=said.said(wanted()))
    parser.needed[metavar or name] = said.en


def add_run(parser: Parser, *, finished: bool = False) -> None:
    """`options.run`, which is named as `run_named` knows it; one that is `finished` by its folder."""
    add_needed(parser, "run", FINISHED_RUN if finished else RUN, metavar="RUN")


def add_json(parser: argparse.ArgumentParser) -> None:
    """`--json`, in the place of what is for people."""
    helped = either("print one JSON object instead of text", "打印一个 JSON 对象，代替文字")
    parser.add_argument("--json", action="store_true", help=helped)


def add_config_dir(parser: argparse.ArgumentParser, *, kind: type[str] | type[Path] = str) -> None:
    """`--config-dir DIR`, which `options.config_dir` lists."""
    helped = either("a folder of your own configs", "自己的配置所在的目录")
    parser.add_argument("--config-dir", type=kind, action="append", default=[], metavar="DIR", help=helped)


def mistake(message: str, *, prog: str) -> UserError:
    """What to raise for a command line that doesn't fit; it points to the command's own help."""
    return UserError(f"{message} (see {prog} --help)")


OWN_CODE = Words("your own code to import", "要导入的自己的代码")


def add_trust(parser: argparse.ArgumentParser, helped: Words = OWN_CODE) -> None:
    """`--trust PACKAGE`, which `options.trust` lists, and `--trust-file`, which holds as soon as it is read."""
    parser.add_argument("--trust", action="append", default=[], metavar="PACKAGE", help=helped.said(wanted()))
    add_trust_file(parser)


def add_trust_file(parser: argparse.ArgumentParser) -> None:
    """`--trust-file` alone."""
    parser.add_argument(
        trusted_files.OPTION,
        action=_TrustAll,
        help=either(
            f"you made the checkpoint: torch before {trusted_files.SAFE} can be made to run code by one",
            f"检查点是自己做的：{trusted_files.SAFE} 之前的 torch 可能因它运行代码",
        ),
    )


class _TrustAll(argparse.Action):
    def __init__(self, option_strings: Sequence[str], dest: str, **named: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **named)

    def __call__(self, *_: Any) -> None:
        trusted_files.trust_all()


RUN = Words(
    "a run: its folder, a checkpoint file, the beginning of its hash, its name where no other run has it, or last, "
    "the one that was trained last",
    "一次运行：它的目录、一个检查点文件、哈希的开头、只属于它的名称，或 last，即最后训练的那个",
)
FINISHED_RUN = Words(
    "a finished run: its folder, the beginning of its hash, its name where no other run has it, or last",
    "一次已完成的运行：它的目录、哈希的开头、只属于它的名称，或 last",
)


def run_named(given: str) -> str:
    """The path of a run by its short name, which is said where it isn't what was given. Raises UserError."""
    from attnlab.runs import named

    path = named.run_named(given)
    if path != Path(given).expanduser():
        tell(either(f"{given} is {path}", f"{given} 即 {path}"))
        return str(path)
    return given


def tell_what_is_given_twice(overrides: Sequence[str]) -> None:
    """Say which of two values of a key counts, where a long command line has both."""
    given: dict[str, str] = {}
    for each in (override.lstrip("+") for override in overrides if "=" in override):
        key = each.partition("=")[0]
        if given.setdefault(key, each) != each:
            tell(
                either(
                    f"{key} is given twice: the last counts, {each}, and {given[key]} doesn't (drop one)",
                    f"{key} 给了两次：以最后的 {each} 为准，{given[key]} 不算（请去掉一个）",
                )
            )
        given[key] = each


def check_config_dirs(folders: Sequence[str | Path]) -> None:
    """Raise UserError if one that is given by `--config-dir` is no folder, or has a file that would never be read."""
    for folder in folders:
        if Path(folder).is_file():
            raise UserError(
                f"--config-dir is a folder of configuration files, got the file {folder} (set it to the folder above "
                "attention/, data/ or the like)"
            )
        if not Path(folder).is_dir():
            near = closest(Path(folder).name, [each.name for each in _folders_beside(Path(folder))])
            raise UserError(f"no such folder, got {folder}{near} (set --config-dir)")
        if hidden := _hidden(Path(folder)):
            raise UserError(
                f"a name that is attnlab's own stays attnlab's, got {hidden} by --config-dir (rename the file)"
            )


def _folders_beside(path: Path) -> list[Path]:
    return sorted(each for each in path.parent.iterdir() if each.is_dir()) if path.parent.is_dir() else []


def _hidden(folder: Path) -> Path | None:
    """The first file whose name in its group is taken by ours, to which Hydra comes first; a copy does no harm."""
    from attnlab.config.conf_path import conf_dir

    for path in sorted(folder.glob("*/*.yaml")):
        ours = conf_dir() / path.relative_to(folder)
        if ours.is_file() and ours.read_bytes() != path.read_bytes():
            return path
    return None
