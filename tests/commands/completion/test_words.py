"""What may stand at each place of a command line."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from attnlab.commands import cli
from attnlab.commands.arguments import parser_of
from attnlab.commands.completion.words import candidates


def _offered(*words: str) -> list[str]:
    return [each.word for each in candidates(words)]


@pytest.fixture(autouse=True)
def _runs() -> None:
    Path("outputs/ner/a/3fa").mkdir(parents=True)
    Path("outputs/ner/a/3fa/config.json").write_text("{}")


@pytest.mark.parametrize(
    "words, offered",
    [
        (["tr"], ["train"]),
        (["train", "attention=add"], ["attention=additive"]),
        (["train", "--mul"], ["--multirun"]),
        (["train", "--config-dir", ""], ["files"]),
        (["train", "--cfg", ""], ["job", "hydra", "all"]),
        (["list", "wn"], ["wnut17"]),
        (["list", "data", "con"], ["conll"]),
        (["list", "--task", "ne"], ["ner"]),
        (["list", "--task=ne"], ["--task=ner"]),
        (["predict", ""], ["last", "3fa", "files"]),
        (["predict", "3"], ["3fa", "files"]),
        (["predict", "outputs/ner/l"], ["outputs/ner/last", "files"]),
        (["predict", "3fa", "te"], ["files"]),
        (["predict", "3fa", "--js"], ["--json"]),
        (["view", "la"], ["last", "files"]),
        (["compare", "3fa", "--against", "3"], ["3fa", "files"]),
        (["study", "attention_in_c"], ["attention_in_classification"]),
        (["study", "attention_in_classification", "--dr"], ["--dry-run"]),
        (["study", "attention_in_classification", "margi"], ["margin="]),
        (["explain", "attention=add"], ["attention=additive"]),
        (["explain", "data=con"], []),
        (["check", "ent"], ["entmax15", "files"]),
        (["slurm-script", "task=ne"], ["task=ner"]),
        (["slurm-script", "--out", ""], ["files"]),
        (["completion", "z"], ["zsh"]),
        (["nosuch", ""], []),
    ],
)
def test_each_place_is_offered_what_it_takes(words: list[str], offered: list[str]) -> None:
    assert _offered(*words) == offered


@pytest.mark.parametrize("command", [name for name in cli.COMMANDS if name != "train"])
def test_every_command_tells_its_options_and_does_nothing(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = parser_of(import_module(cli.COMMANDS[command][0]).run)
    assert parser is not None
    assert parser.prog == f"attnlab {command}"
    assert "--help" in _offered(command, "--")
    assert capsys.readouterr().out == ""


def test_what_is_said_of_words_is_chinese_where_that_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    for words in (["com"], ["predict", "--"], ["predict", "la"], ["list", "run"], ["list", "dat"], ["train", "atten"]):
        said = [each.said for each in candidates(words) if each.word != "files" and each.said]
        assert said, words
        assert not any(each.isascii() for each in said), words


def test_an_answer_needs_nothing_heavy() -> None:
    code = (
        "import sys; from attnlab.commands.cli import COMMANDS;"
        "from attnlab.commands.completion.words import candidates;"
        "[candidates([name, '--']) for name in COMMANDS]; candidates(['train', 'data.']);"
        "heavy = {'torch', 'lightning', 'numpy', 'matplotlib', 'wandb'} & sys.modules.keys(); assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["$(touch evil)", "`x`", "a;b", "a b", "a\nfiles", "-x", "a\x1b[31m"])
def test_a_folder_whose_name_a_shell_would_take_for_more_is_left_to_the_shell(name: str) -> None:
    Path("outputs/ner/a", name).mkdir()
    Path("outputs/ner/a", name, "config.json").write_text("{}")
    assert sorted(_offered("predict", "")) == ["3fa", "files", "last"]
