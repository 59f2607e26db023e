"""Make says what it does in the user's language, and drops nothing that it is given."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from attnlab import language

ROOT = Path(__file__).parents[2]
LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE")
CHINESE = re.compile("[\u4e00-\u9fff]")


def _make(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in (*LOCALES, "MAKEFLAGS")}
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        env=kept | variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "arguments, meant",
    [
        (["train", "trainer.max_steps=2", "attention=additive"], "trainer.max_steps=2 attention=additive"),
        (["attention=uniform", "train", "ARGS=seed=3", "PYTHON=python3.12"], "seed=3 attention=uniform"),
        (["train", "hydra/launcher=slurm", "+a.b=[1,2]"], "hydra/launcher=slurm +a.b=[1,2]"),
        (["train", "name=two words"], "'name=two words'"),
        (["train", "args=seed=3 model.dim=8"], "seed=3 model.dim=8"),
    ],
)
def test_overrides_that_make_would_drop_are_told_where_to_stand(arguments: list[str], meant: str) -> None:
    done = _make("-n", *arguments)
    assert done.returncode == 2
    assert not done.stdout
    assert done.stderr.endswith(f'(write make train ARGS="{meant}").  Stop.\n')
    assert done.stderr.count("\n") == 1


def test_other_goals_take_none_and_the_makefiles_own_variables_are_taken() -> None:
    assert _make("-n", "test", "attention=dot").stderr.endswith("reads no attention=dot (drop it).  Stop.\n")
    done = _make("-n", "train", "ARGS=seed=3 attention=dot", "VENV=nowhere", "OMP_NUM_THREADS=1", "PYTHON=python3")
    assert done.returncode == 0, done.stderr
    assert "attnlab train experiment=translation_quickstart seed=3 attention=dot\n" in done.stdout


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"LANG": "zh_CN.UTF-8"},
        {"LANG": "zh_CN"},
        {"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW.utf8"},
        {"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"},
        {"LANG": "zh_CN.UTF-8", "LC_ALL": "POSIX", "LANGUAGE": "zh"},
        {"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"},
        {"LANG": "zh_CN.UTF-8", "LANGUAGE": "de:zh"},
    ],
)
def test_it_speaks_the_language_that_attnlab_speaks(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LOCALES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    said = _make("-n", "train", "VENV=not_there", **variables).stdout
    in_chinese = language.wanted() == "zh"
    assert (said.count("README.zh.md"), said.count("正在建立 not_there")) == ((1, 1) if in_chinese else (0, 0))
    assert ("README.md" in said, "setting up not_there" in said) == (not in_chinese, not in_chinese)


def test_help_says_each_goal_in_both_languages() -> None:
    rows = [_make("help", LANG=locale).stdout.splitlines() for locale in ("C", "zh_CN.UTF-8")]
    goals = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for lines in rows:
        assert [line.split()[0] for line in lines] == goals
    assert not any(CHINESE.search(line) for line in rows[0])
    chinese = [line.split(maxsplit=1)[1] for line in rows[1]]
    assert all(CHINESE.search(line) for line in chinese)
    assert len(set(chinese)) == len(chinese)  # none has another's
