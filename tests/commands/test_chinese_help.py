"""Every command's help is Chinese where that is wanted: the same options, all of it, within its columns."""

import argparse
import re
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module

import pytest

from attnlab.commands import arguments, cli
from attnlab.commands.list.catalogue import GROUPS
from attnlab.commands.map_options import COLOURS
from attnlab.errors import UserError
from attnlab.reporting.terminal.text import display_width

CHINESE = re.compile("[\u4e00-\u9fff]")
QUOTED = re.compile(r'"[^"]*"')
# What is typed: options, files, keys, and values with their signs.
TYPED = re.compile(r"[!-~]*[=./_|<:~\d-](?=[!-~])[!-~]*")
# Names, of which some are words: of commands, groups, programs, and values that are named alone.
NAMES = {
    *cli.COMMANDS, *GROUPS, "attnlab", "Hydra", "torch", "onnxruntime", "sbatch", "bash", "zsh", "shell", "compinit",
    "last", "outputs", "runs", "grid", "conll", "zip", "pdf", "cpu", "cuda", "mps", "logits", "warnings", "signatures",
    "ablated", "diagnosis", "job", "cross", "self", "causal", "png", "svg", "output", "reference",
    "resume", "earlier", "source", "matplotlib", *COLOURS, *(name.removesuffix("_r") for name in COLOURS),
}  # fmt: skip
# What both languages have: options, names in capitals, numbers, keys with their values.
SHARED = re.compile(r"--[a-z-]+|[A-Z]{2,}|(?<![A-Za-z])\d+(?:[.:,]\d+)*|\w+=\w+|\.[a-z]{3}\b", re.ASCII)
COMMANDS = [name for name in cli.COMMANDS if name != "train"]


def _speak(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", {"en": "C.UTF-8", "zh": "zh_CN.UTF-8"}[language])


def _printed(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with suppress(SystemExit):
        assert cli.main(arguments) == 0
    return capsys.readouterr().out


def _parser(command: str) -> argparse.ArgumentParser:
    parser = arguments.parser_of(import_module(cli.COMMANDS[command][0]).run)
    assert parser is not None
    return parser


def _english(text: str) -> set[str]:
    """Its words of three letters and more that are neither typed nor names, which may stand in capitals."""
    words = re.findall(r"[A-Za-z]{3,}", TYPED.sub(" ", QUOTED.sub(" ", text)))
    return {word for word in words if not word.isupper()} - NAMES


@pytest.mark.parametrize("command", [[], *([name] for name in cli.COMMANDS)])
def test_nothing_of_it_is_english(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _speak(monkeypatch, "zh")
    text = _printed([*command, "--help"], capsys)
    assert not _english(text)
    assert text.encode("gbk")  # as another terminal has it
    _speak(monkeypatch, "en")
    assert not CHINESE.search(QUOTED.sub("", _printed([*command, "--help"], capsys)))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_argument_is_explained_and_alike_in_both_languages(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parsers = []
    for language in ("en", "zh"):
        _speak(monkeypatch, language)
        parsers.append(_parser(command))
    english, chinese = (parser._actions for parser in parsers)
    for one, other in zip(english, chinese, strict=True):
        for what in ("option_strings", "dest", "nargs", "default", "type", "choices", "metavar", "required"):
            assert getattr(one, what) == getattr(other, what)
        said, in_chinese = one.help or "", other.help or ""
        assert said, one.dest
        assert CHINESE.search(QUOTED.sub("", in_chinese)), one.dest
        assert set(SHARED.findall(said)) == set(SHARED.findall(in_chinese)), one.dest
    assert [len(parser._action_groups) for parser in parsers] == [len(parsers[0]._action_groups)] * 2


@pytest.mark.parametrize("command", COMMANDS)
def test_what_cant_be_left_out_is_known_to_the_error_that_says_so(command: str) -> None:
    parser = _parser(command)
    positionals = [each for each in parser._actions if not each.option_strings and each.nargs not in ("*", "?")]
    assert isinstance(parser, arguments.Parser)
    assert [each.metavar or each.dest for each in positionals] == list(parser.needed)


def _columns(text: str) -> Iterator[int]:
    """Where what is said of each argument begins, and each further line of it."""
    for line in text.splitlines():
        if further := re.match(r" {4,}(?=\S)", line):
            yield further.end()
        elif row := re.match(r"  \S.*?  +(?=\S)", line):
            yield row.end()


@pytest.mark.parametrize("width", [60, 80, 130])
@pytest.mark.parametrize("command", COMMANDS)
def test_lines_stand_within_the_terminal_and_below_each_other(
    command: str, width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    _speak(monkeypatch, "zh")
    usage, about, *sections = _printed([command, "--help"], capsys).split("\n\n")
    begins = "用法：", f"用法：attnlab {command} "
    assert usage.startswith(begins[1])
    for line in usage.splitlines()[1:]:
        assert len(line) - len(line.lstrip()) in map(display_width, begins)
    lines = [line for part in (about, *sections) for line in part.splitlines()]
    assert max(map(display_width, lines)) <= width
    assert len(set(_columns("\n".join(sections)))) == 1
    assert all(section.splitlines()[0].endswith("：") for section in sections)


def test_an_error_is_english_whatever_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    for language in ("en", "zh"):
        _speak(monkeypatch, language)
        for command, given in (
            ("predict", []),
            ("study", ["--workers", "x", "a"]),
            ("compare", []),
            ("list", ["--no"]),
        ):
            with pytest.raises(UserError) as refusal:
                import_module(cli.COMMANDS[command][0]).run(given)
            said.append(str(refusal.value))
    assert said[:4] == said[4:]
    assert said[0].startswith("attnlab predict needs RUN, a run: its folder, ")


def test_english_help_is_laid_out_by_argparse_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    _speak(monkeypatch, "en")
    assert arguments.parser("zig", "Zag.").formatter_class is argparse.HelpFormatter
