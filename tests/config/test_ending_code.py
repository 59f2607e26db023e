"""A module of the user's own that ends the program is one line, by whatever entry it is imported."""

from importlib import import_module
from pathlib import Path

import pytest

import attnlab
from attnlab.commands import cli
from attnlab.config.ending_code import imports_end_nothing
from attnlab.errors import UserError
from attnlab.launch import search_space
from attnlab.runs import allowed
from attnlab.runs.instantiation import resolve

ENDS = {
    "exits": ("import sys\nsys.exit(0)\n", "sys.exit(0)"),
    "quits": ("quit()\n", "quit()"),
    "parses": (
        "import argparse as a\na.ArgumentParser().parse_args(['--lr'])\n",
        "a.ArgumentParser().parse_args(['--lr'])",
    ),
}
REMEDY = "as it is imported (put it under if __name__ == '__main__':)"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of modules of the user's own, each of which ends the program, with a configuration that names one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for name, (text, _) in ENDS.items():
        Path(f"ending_{name}.py").write_text(text)
    Path("conf/attention").mkdir(parents=True)
    core = "core:\n  _target_: ending_exits.Mine\n  _partial_: true\n"
    Path("conf/attention/mine.yaml").write_text(f"defaults: [_shell, _self_]\n{core}")
    return tmp_path


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize("name", ENDS)
def test_a_module_that_exits_or_parses_arguments_is_named_with_its_line(name: str) -> None:
    number = len(ENDS[name][0].splitlines())
    with pytest.raises(UserError) as caught:
        resolve(f"ending_{name}.Mine", "attention.core")
    assert str(caught.value) == f"ending_{name}.py ends the program in line {number}, {ENDS[name][1]}, {REMEDY}"


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "ending_exits.Mine"],
        ["check", "mine", "--config-dir", "conf"],
        ["explain", "attention=mine", "--config-dir", "conf"],
        ["train", "experiment=translation_quickstart", "attention=mine", "logger.wandb=null", "--config-dir", "conf"],
    ],
)
def test_every_command_that_imports_it_says_so_and_fails(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith(REMEDY)


@pytest.mark.usefixtures("own")
def test_so_it_is_from_python() -> None:
    with pytest.raises(UserError, match="ends the program in line 2"):
        attnlab.build_attention("mine", dim=6, num_heads=2, role="self", max_length=7, config_dirs=["conf"])
    with pytest.raises(UserError, match="ends the program in line 2"):
        search_space.custom("ending_exits.space")
    with pytest.raises(UserError, match="ends the program in line 2"):
        allowed.check_targets({"_target_": "ending_exits.Mine"}, trust=["ending_exits"])


def test_what_a_program_ends_by_otherwise_is_named_and_ctrl_c_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "ending_skips.py").write_text("import pytest\npytest.skip('slow', allow_module_level=True)\n")
    (tmp_path / "ending_breaks.py").write_text("raise KeyboardInterrupt\n")
    with pytest.raises(UserError, match=r"^ending_skips.py can't be imported: Skipped: slow, in line 2, pytest.skip"):
        resolve("ending_skips.Mine", "attention.core")
    with pytest.raises(KeyboardInterrupt), imports_end_nothing():
        import_module("ending_breaks")
