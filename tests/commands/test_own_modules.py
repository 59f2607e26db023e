"""What a stranger's folder holds is found by no command that names no code of one's own, nor by Hydra."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from hydra.core.plugins import Plugins
from hydra.core.singleton import Singleton

from attnlab.commands import cli, own_modules
from attnlab.commands.train import command

pytestmark = pytest.mark.text

EVIL = "open({!r}, 'a').write(__name__ + '\\n')\n"
# What Python, torch, Lightning, Hydra, matplotlib, wandb and pytest would look for where one works.
NAMES = (
    "torch.py", "numpy.py", "lightning.py", "hydra.py", "omegaconf.py", "yaml.py", "rich.py", "psutil.py", "neptune.py",
    "deepspeed.py", "conftest.py", "sitecustomize.py", "typing_extensions.py", "hydra_plugins/evil/__init__.py",
    "hydra_plugins/bad.py",
)  # fmt: skip


@pytest.fixture
def witness(tmp_path: Path) -> Path:
    """A file that any module in the working folder writes its name to."""
    path = tmp_path / "ran.txt"
    for name in NAMES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(EVIL.format(str(path)))
    return path


@pytest.fixture
def paths(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Where Python looks, for the length of a test; commands do nothing."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(cli, "import_module", lambda name: SimpleNamespace(run=lambda arguments: 0))
    return sys.path


@pytest.mark.parametrize(
    "given",
    [
        "predict outputs/x text", "evaluate outputs/x", "train task=ner attention=additive", "train resume=.",
        "study mechanisms", "view .", "doctor", "list", "check additive", "check --help my_parts.Mine", "figures .",
        "explain additive", "export .", "data bible", "compare a b", "slurm-script task=ner",
        "completion zsh -- attnlab train --config-dir=mine",
    ],
)  # fmt: skip
def test_a_command_that_names_no_code_finds_none_where_it_is_given(given: str, paths: list[str]) -> None:
    assert cli.main(given.split()) == 0
    assert os.getcwd() not in paths


@pytest.mark.parametrize(
    "given",
    [
        "predict outputs/x --trust mine", "evaluate outputs/x --trust=mine", "train --config-dir conf task=ner",
        "train -cd=conf", "train attention.core._target_=mine.Attention", "train resume=. --trust mine",
        "check my_parts.Mine", "check attention/mine.yaml", "study mine --config-dir=conf", "list --config-dir conf",
        "train +callbacks.mine={_target_:mine.Callback}", "train hydra.searchpath=[file:///conf]",
    ],
)  # fmt: skip
def test_one_that_names_code_finds_it_after_everything_else(given: str, paths: list[str]) -> None:
    assert cli.main(given.split()) == 0
    assert paths[-1] == os.getcwd()


@pytest.mark.parametrize("target, finds", [("mine.Attention", True), ("attnlab.models.Seq2Seq", False)])
def test_a_further_process_of_a_run_finds_what_its_configuration_names(
    target: str, finds: bool, paths: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("run").mkdir()
    Path("run/config.json").write_text(json.dumps({"model": {"_target_": target}}))
    monkeypatch.setattr("attnlab.launch.place.rank", lambda: 1)
    monkeypatch.setattr("attnlab.commands.train.command._train", lambda config, command: 0.0)
    assert command.run(["--job", "run"]) == 0
    assert (paths[-1] == os.getcwd()) == finds


def test_hydra_looks_for_plugins_before(witness: Path, paths: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(Singleton._instances, Plugins, raising=False)
    own_modules.find()
    Plugins.instance()
    assert paths[-1] == os.getcwd()
    assert not witness.exists()


def test_nothing_there_stands_in_for_what_is_installed(witness: Path) -> None:
    """`python -m` puts the working folder first."""
    done = subprocess.run(
        [sys.executable, "-m", "attnlab", "evaluate", "nosuch"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error: no such run folder")
    assert not witness.exists()
