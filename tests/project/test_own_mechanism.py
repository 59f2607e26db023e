"""A user's own mechanism: the files that the README shows, and nothing else, make it a choice like any other."""

import re
import textwrap
from pathlib import Path

import pytest
from tiny import run, write_corpus

from attnlab.commands import cli

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


def _shown(name: str) -> str:
    """The code block of the README that begins with a comment naming the file."""
    found = re.search(rf"```\w+\n# {re.escape(name)}\n(.*?)```", README, re.DOTALL)
    assert found, f"the README shows no {name}"
    return textwrap.dedent(found[1])


def test_the_readmes_own_mechanism_trains_and_predicts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("my_package.py", "my_configs/attention/nearest.yaml"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(_shown(name))
    monkeypatch.syspath_prepend(tmp_path)
    shown = re.findall(r"attnlab (check .*?)(?:`|  +#)", README)
    assert [words.split()[1] for words in shown] == ["my_package.NearestAttention", "nearest"]
    for words in shown:
        assert cli.main(words.split()) == 0, capsys.readouterr().out
    assert "all 81 checks pass" in capsys.readouterr().out
    corpus = write_corpus(tmp_path / "corpus")
    assert cli.main(["list", "attention", "nearest", "--config-dir", "my_configs"]) == 0
    assert "Nearby keys weigh most, by their city-block distance." in capsys.readouterr().out
    more = ["attention=nearest", "--config-dir", "my_configs", "output_dir=run", "trainer.max_steps=4"]
    assert run(corpus, *more) == 0
    capsys.readouterr()

    assert cli.main(["predict", "run", "one two"]) == 2
    assert "--trust my_package" in capsys.readouterr().err
    assert cli.main(["predict", "run", "one two", "--trust", "my_package"]) == 0
