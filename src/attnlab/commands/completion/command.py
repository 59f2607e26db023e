"""`attnlab completion`: what a shell needs to complete the other commands, and its questions, which come back here."""

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from attnlab.commands import arguments as arguments_of
from attnlab.commands.completion.candidates import FILES, Candidate
from attnlab.errors import UserError
from attnlab.language import Words, wanted
from attnlab.reading.shown import shown

SHELLS = ("bash", "zsh")
ABOUT = Words(
    "Print what lets a shell complete commands, GROUP=NAME, keys, options and runs. For this shell: "
    "source <(attnlab completion bash), for all to come in ~/.bashrc; likewise zsh, in ~/.zshrc after compinit.",
    "打印让 shell 补全命令、GROUP=NAME、键、选项和运行的脚本。用于当前 shell：source <(attnlab completion bash)；写进 "
    "~/.bashrc，以后每个 shell 里都有效；zsh 同样，写在 ~/.zshrc 的 compinit 之后。",
)


def run(arguments: list[str]) -> int:
    """Print a shell's script, or answer what it asks: `line LINE` for bash, `words -- WORD ...` for zsh.

    A line, and the last of the words, end where the cursor stands.
    """
    if arguments[:1] == ["line"] and len(arguments) == 2:
        _answer(split(arguments[1])[1:], described=False)
        return 0
    if arguments[:2] == ["words", "--"]:
        _answer(arguments[2:], described=True)
        return 0
    parser = arguments_of.parser("completion", ABOUT.said(wanted()))
    arguments_of.add_needed(parser, "shell", Words("the shell", "哪个 shell"), choices=SHELLS)
    options = parser.parse_args(arguments)
    print(Path(__file__).with_name(f"attnlab.{options.shell}").read_text(encoding="utf-8"), end="")
    return 0


def split(line: str) -> list[str]:
    """The words of a line as a shell has them; the last is the one begun, and may be empty."""
    for closing in ("", '"', "'"):
        try:
            words = shlex.split(line + closing)
        except ValueError:
            continue
        return [*words, ""] if not closing and line[-1:].isspace() else words
    return []


def _answer(words: Sequence[str], *, described: bool) -> None:
    """A candidate a line, with a space where the word is whole; `files` where a file's name may stand, too."""
    from attnlab.commands.completion.words import candidates

    said = StringIO()
    try:
        with redirect_stdout(said):  # of a command that is asked for its options
            found = candidates(words)
    except UserError:  # it is said when the command is run
        return
    sys.stdout.writelines(f"{line}\n" for line in _lines(found, described=described))


def _lines(found: Sequence[Candidate], *, described: bool) -> Iterator[str]:
    for each in {each.word: each for each in found}.values():
        if each is FILES:
            yield "files"
        else:
            word = each.word + (" " if each.whole else "")
            yield shown(f"{word}\t{' '.join(each.said.split())}" if described else word)
