"""`attnlab list` of a mechanism's file that can't work says so in one remark, and runs none of its code."""

import json
from pathlib import Path

import pytest

from attnlab.commands import cli

CORE = "defaults: [_shell, _self_]\ncore: {{_target_: '{}', _partial_: true}}\n"


@pytest.mark.parametrize(
    "text, said",
    [
        ("defaults: [_shell, _self_]\ncore: own_said.Mine\n", "core must be a mapping with _target_ and "),
        (CORE.format("own_said.Mien"), "own_said has no 'Mien' (did you mean Mine?) (set _target_ in own/attention/"),
        (CORE.format("own_siad.Mine"), "no module is named 'own_siad'"),
        (CORE.format("Mine"), "a class is named with its module (write own_said.Mine)"),
        (CORE.format("own_said.Mine"), ""),
    ],
)
def test_a_file_that_cannot_work_has_a_remark(
    text: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.syspath_prepend(".")
    Path("own/attention").mkdir(parents=True)
    Path("own/attention/mine.yaml").write_text(text)
    Path("own_said.py").write_text("class Mine: pass\nX = 1 / 0\n")
    assert cli.main(["list", "attention", "mine", "--config-dir", "own"]) == 0
    shown = capsys.readouterr().out
    assert ("It can't be chosen as it is: " in shown) == bool(said)
    assert said in " ".join(shown.split())
    assert cli.main(["list", "attention", "mine", "--config-dir", "own", "--json"]) == 0
    remark = json.loads(capsys.readouterr().out)["remark"]
    assert said in remark
    assert bool(remark) == bool(said)


@pytest.mark.parametrize(
    "arguments", [["check", "mine"], ["explain", "mine"], ["list", "mine"], ["list", "attention", "mine"]]
)
def test_a_file_that_lies_in_a_folder_not_given_is_found(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("own/attention").mkdir(parents=True)
    Path("own/attention/mine.yaml").write_text(CORE.format("own_said.Mine"))
    assert cli.main(arguments) == 2
    assert "own/attention/mine.yaml is there (add --config-dir own)" in capsys.readouterr().err
