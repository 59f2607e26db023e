"""The command itself: what it says of itself, its exit status, and a mistake in one line whatever it holds."""

import os
import re
import statistics
from pathlib import Path
from types import SimpleNamespace

import pytest

from attnlab import __version__
from attnlab.commands import cli
from attnlab.errors import Fault, UserError


def _command(monkeypatch: pytest.MonkeyPatch, raised: BaseException | None) -> list[list[str]]:
    """`attnlab doctor` replaced by what notes its arguments, then raises."""
    heard: list[list[str]] = []

    def run(arguments: list[str]) -> int:
        heard.append(arguments)
        if raised is not None:
            raise raised
        return 7

    monkeypatch.setattr(cli, "import_module", lambda name: SimpleNamespace(run=run))
    return heard


@pytest.mark.parametrize("arguments, status", [([], 2), (["--help"], 0), (["-h"], 0), (["help"], 0)])
def test_the_help_names_every_command(arguments: list[str], status: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == status
    text = capsys.readouterr().out
    assert text.startswith(f"attnlab {__version__}: ")
    for name in cli.COMMANDS:
        assert f"\n  {name} " in text


def test_the_help_is_chinese_where_that_is_wanted_and_names_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert cli.main(["--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"attnlab {__version__}：")
    assert re.findall(r"^  ([a-z-]+) {2,}[^ -~]", text, re.MULTILINE) == list(cli.COMMANDS)
    assert {line.index(re.split(" {2,}", line)[2]) for line in text.split("\n\n")[2].splitlines()} == {16}


def test_help_of_one_command_is_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["help", "completion"])
    assert capsys.readouterr().out.startswith("usage: attnlab completion")
    assert cli.main(["help", "trian"]) == 2
    assert "no such command, got 'trian' (did you mean train?)" in capsys.readouterr().err


def test_a_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"attnlab {__version__}\n"


def test_an_unknown_command_is_told_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["trian"]) == 2
    choices = ", ".join(cli.COMMANDS)
    assert (
        capsys.readouterr().err
        == f"error: no such command, got 'trian' (did you mean train?) (choose from {choices})\n"
    )


def test_a_command_gets_its_arguments_and_gives_the_status(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = _command(monkeypatch, None)
    assert cli.main(["doctor", "--json", "x"]) == 7
    assert heard == [["--json", "x"]]


@pytest.mark.parametrize(
    "raised, status, said",
    [
        (
            FloatingPointError("logits are no numbers"),
            1,
            "error: logits are no numbers (train it again with a lower optimizer.lr)\n",
        ),
        (UserError("a mistake\n  of \t two lines"), 2, "error: a mistake of two lines\n"),
        (Fault("a process\n is gone"), 1, "error: a process is gone\n"),
        (
            MemoryError("Unable to allocate 7.45 GiB for an array"),
            1,
            "error: there must be memory for what is asked, got none where 7.45 GiB more were asked for (let it do "
            "less at a time, or do it where there is more)\n",
        ),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 1048576 bytes."),
            1,
            "error: there must be memory for what is asked, got none where 1 MiB more were asked for (let it do less "
            "at a time, or do it where there is more)\n",
        ),
        (KeyboardInterrupt(), 130, "interrupted\n"),
    ],
)
def test_a_mistake_is_one_line(
    raised: BaseException, status: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _command(monkeypatch, raised)
    assert cli.main(["doctor"]) == status
    assert capsys.readouterr().err == said


def test_a_bug_is_no_users_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "import_module", lambda name: SimpleNamespace(run=statistics.mean))
    with pytest.raises(statistics.StatisticsError, match="at least one"):
        cli.main(["doctor"])


def test_what_breaks_in_ones_own_code_is_one_line_and_its_traceback_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _command(monkeypatch, ValueError("mine"))
    assert cli.main(["doctor"]) == 2
    said = capsys.readouterr().err
    match = re.fullmatch(r"error: \S*run fails at (\S+):\d+: ValueError: mine \(see its traceback in (\S+)\)\n", said)
    assert match is not None
    assert match[1].endswith("test_cli.py")
    kept = Path(match[2])
    assert "raise raised" in kept.read_text()
    kept.unlink()


def test_where_no_home_is_known_caches_have_a_place(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", "")
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("os.path.expanduser", lambda path: path)  # as for a user who is in no list
    assert cli.main(["slurm-script", "--nosuch"]) == 2
    assert os.environ["HOME"].endswith(f"attnlab-{os.getuid()}")
    assert "stands for it (set HOME)" in capsys.readouterr().err
