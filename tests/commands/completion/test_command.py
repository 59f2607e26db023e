"""The scripts that `attnlab completion` prints, in real shells on a terminal of their own."""

import os
import pty
import re
import select
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from attnlab.commands import cli
from attnlab.commands.completion.command import split

SECONDS = 60  # that a loaded machine may take for one answer
START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "bind 'set show-all-if-ambiguous on' 'set bell-style none'"),
    "zsh": (
        ["zsh", "-f", "-i"],
        "autoload -Uz compinit; compinit -u -D; unsetopt zle_bracketed_paste; setopt no_list_beep",
    ),
}
TAB, CLEAR = "\t", "\x15"


class Shell:
    """A shell on a terminal, which is typed to and read from."""

    def __init__(self, terminal: int) -> None:
        self.terminal = terminal

    def type(self, text: str) -> None:
        os.write(self.terminal, text.encode())

    def seen(self, pattern: str) -> str:
        """What stands on the terminal since the last time, as soon as the pattern does."""
        shown, until = "", time.monotonic() + SECONDS
        while time.monotonic() < until:
            if select.select([self.terminal], [], [], 0.1)[0]:
                shown += os.read(self.terminal, 65536).decode(errors="replace")
            plain = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]|[\x08\r\x07]", "", shown)
            if re.search(pattern, plain):
                return plain
        pytest.fail(f"{pattern!r} isn't there after {SECONDS} s, but {shown!r}")


@contextmanager
def _shell(name: str) -> Iterator[Shell]:
    command, start = START[name]
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover
        os.environ |= {"PS1": "> ", "TERM": "dumb", "COLUMNS": "200", "LINES": "50", "HISTFILE": "/dev/null"}
        os.execvp(command[0], command)
    try:
        shell = Shell(terminal)
        shell.type(f"{start}\n")
        shell.type(f"export PATH=$PWD:$PATH; source <(attnlab completion {name}); echo rea''dy\n")
        shell.seen(r"ready\s")
        yield shell
    finally:
        os.close(terminal)
        os.waitpid(child, 0)


@pytest.fixture
def _command() -> None:
    """`attnlab` in the folder where one is, and a run there."""
    Path("attnlab").write_text(f'#!/bin/sh\nexec {sys.executable} -m attnlab "$@"\n')
    Path("attnlab").chmod(0o755)
    run = Path("outputs/ner/a/3fa1234567")
    run.mkdir(parents=True)
    (run / "config.json").write_text("{}")
    Path("verses of mine.txt").write_text("")


@pytest.mark.usefixtures("_command")
@pytest.mark.parametrize("name", ["bash", "zsh"])
def test_a_real_shell_completes(name: str) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"needs {name} (make setup-zsh)")
    with _shell(name) as shell:
        for begun, whole in (
            ("attnlab tra", "attnlab train $"),
            ("attnlab train attention=addi", "attnlab train attention=additive $"),
            ("attnlab train task=ner data=conll data.corp", r"data\.corpus\.$"),
            ("attnlab train attention=additive,unif", "attention=additive,uniform $"),
            ("attnlab train trainer.comp", r"trainer\.compile=$"),
            ("attnlab predict 3f", "attnlab predict 3fa1234567 $"),
            ("attnlab train init_from=3f", "init_from=3fa1234567 $"),
            ("./attnlab list conl", "list conll $"),
            ("attnlab predict 3fa ver", r"verses\\ of\\ mine.txt $"),
            ("attnlab train data.root=out", "data.root=outputs/$"),
        ):
            shell.type(begun + TAB)
            shell.seen(whole)
            shell.type(CLEAR)
        shell.type("attnlab train attention=kernel_" + TAB + TAB)
        shell.seen(r"(?s)kernel_boxcar.*kernel_epanechnikov")


@pytest.mark.parametrize("name", ["bash", "zsh"])
def test_a_script_is_printed(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["completion", name]) == 0
    assert "_attnlab()" in capsys.readouterr().out
    assert cli.main(["completion", "fish"]) == 2
    assert capsys.readouterr().err.startswith("error: shell must be one of bash, zsh, got 'fish'")


@pytest.mark.parametrize(
    "line, words",
    [
        ("attnlab tr", ["attnlab", "tr"]),
        ("attnlab train ", ["attnlab", "train", ""]),
        ("attnlab train data.root='a b", ["attnlab", "train", "data.root=a b"]),
        ('attnlab predict "a', ["attnlab", "predict", "a"]),
        ("attnlab predict a\\ b", ["attnlab", "predict", "a b"]),
    ],
)
def test_a_line_is_split_where_a_shell_splits_it(line: str, words: list[str]) -> None:
    assert split(line) == words


def test_answers_are_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["completion", "line", "attnlab train attention=addi"]) == 0
    assert capsys.readouterr().out == "attention=additive \n"
    assert cli.main(["completion", "words", "--", "train", "attention=addi"]) == 0
    word, said = capsys.readouterr().out.rstrip("\n").split("\t")
    assert word == "attention=additive "
    assert said.startswith("A network with one hidden layer")
    assert cli.main(["completion", "line", "attnlab evaluate nosuch data."]) == 0
    assert capsys.readouterr().out == ""
