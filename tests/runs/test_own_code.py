"""The user's own code: what is on record of it, and that another content of it is never taken for the same run."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from tiny import run, write_corpus

from attnlab.commands import cli
from attnlab.errors import UserError
from attnlab.runs import own_code

FILES = {
    "mine/__init__.py": "",
    "mine/shared.py": "import json\nimport torch\n",
    "mine/deep/mechanism.py": "from ..shared import json\nfrom mine import listed\nimport beside\nclass Mine: ...\n",
    "mine/listed.py": "def late():\n    import mine.late_one\n",
    "mine/late_one.py": "",
    "mine/never.py": "",
    "beside.py": "X = 1\n",
    "other.py": "",
}


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A configuration that names a class of those files, which lie where Python finds them."""
    for name, text in FILES.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    for name in [each for each in sys.modules if each.partition(".")[0] in ("mine", "beside")]:
        monkeypatch.delitem(sys.modules, name)
    core = {"_target_": "mine.deep.mechanism.Mine"}
    return {
        "model": {"_target_": "attnlab.models.Seq2Seq", "attention": [core]},
        "task": {"optimizer": {"_target_": "torch.optim.AdamW"}},
        "logger": {"mine": {"_target_": "other.Logger"}},
    }


def test_what_is_imported_from_beside_it_is_on_record_and_libraries_are_not(config: dict[str, Any]) -> None:
    found = own_code.own_code(config)
    assert list(found) == [
        "beside.py", "mine/__init__.py", "mine/deep/mechanism.py", "mine/late_one.py", "mine/listed.py",
        "mine/shared.py",
    ]  # fmt: skip
    assert not own_code.own_code({"model": {"_target_": "attnlab.models.Seq2Seq"}})


@pytest.mark.parametrize("name", ["mine/deep/mechanism.py", "mine/late_one.py", "beside.py"])
def test_another_content_is_refused_with_the_file_and_its_own_again_is_not(name: str, config: dict[str, Any]) -> None:
    folder = Path("run")
    folder.mkdir()
    assert own_code.is_unknown(folder, config)
    own_code.record(folder, own_code.own_code(config))
    assert not own_code.is_unknown(folder, config)
    own_code.check_same_code(folder, instead=own_code.ANEW)
    Path("mine/never.py").write_text("changed = 1\n")
    own_code.check_same_code(folder, instead=own_code.ANEW)

    before = Path(name).read_text()
    Path(name).write_text(before + "# changed\n")
    with pytest.raises(UserError, match=rf"{name} has changed since the run in run began: .*\(restore it, or set fre"):
        own_code.check_same_code(folder, instead=own_code.ANEW)
    Path(name).unlink()
    with pytest.raises(
        UserError,
        match=rf"^{name}, code of your own of the run in .*, isn't found from here: .* \(restore it, or set fresh",
    ):
        own_code.check_same_code(folder, instead=own_code.ANEW)
    Path(name).write_text(before)
    own_code.check_same_code(folder, instead=own_code.ANEW)


def test_a_damaged_record_is_one_line(tmp_path: Path) -> None:
    for content in ("{", "[1]", "null"):
        (tmp_path / own_code.NAME).write_text(content)
        with pytest.raises(UserError, match=r"is damaged, got .*code\.json \(begin the run anew"):
            own_code.recorded(tmp_path)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_run_is_neither_reported_nor_continued_once_its_mechanism_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "from attnlab.attention import UniformAttention\n\n\nclass FlatAttention(UniformAttention): ...\n"
    Path("flat_package.py").write_text(text)
    Path("own/attention").mkdir(parents=True)
    core = "core:\n  _target_: flat_package.FlatAttention\n  _partial_: true\n"
    Path("own/attention/flat.yaml").write_text(f"defaults: [_shell, _self_]\n{core}")
    monkeypatch.syspath_prepend(tmp_path)
    corpus = write_corpus(tmp_path / "corpus")
    more = ["attention=flat", "--config-dir", "own", "output_dir=run", "trainer.max_steps=2"]
    assert run(corpus, *more) == 0
    assert run(corpus, *more) == 0
    assert json.loads(Path("run/code.json").read_text()).keys() == {"flat_package.py"}
    capsys.readouterr()

    Path("flat_package.py").write_text(text + "# changed\n")
    assert cli.main(["predict", "run", "one", "--trust", "flat_package"]) == 0
    assert "these answers may not be those of the run: " in capsys.readouterr().err
    for state in ("finished", "unfinished"):
        assert run(corpus, *more) == 2, state
        said = capsys.readouterr()
        assert len([line for line in said.err.splitlines() if " is given twice: " not in line]) == 1
        assert "flat_package.py has changed since the run in run began" in said.err
        assert "set fresh=true" in said.err
        assert "finished" not in said.out
        Path("run/metrics.json").unlink(missing_ok=True)
    assert run(corpus, *more, "fresh=true") == 0
    assert run(corpus, *more) == 0

    for path in Path("run").iterdir():  # as of a run that was refused before it trained
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in ("code.json", "config.json"):
            path.unlink()
    before = own_code.recorded(Path("run"))
    Path("flat_package.py").write_text(text + "# mended\n")
    assert run(corpus, *more) == 0
    assert own_code.recorded(Path("run")) != before


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../../secret.py",
        "antigravity.x/y.py",
        "mine/../../secret.py",
        "secret",
        "mine//x.py",
        "c:\\x.py",
    ],
)
def test_a_strangers_record_has_no_other_file_read_and_no_module_imported(name: str) -> None:
    folder = Path("run")
    folder.mkdir()
    (folder / own_code.NAME).write_text(json.dumps({name: "0" * 64}))
    with pytest.raises(UserError, match=r"^this file of an earlier run is damaged, got run/code.json"):
        own_code.changed(folder)
    assert "antigravity" not in sys.modules


def test_a_command_that_runs_no_code_of_ones_own_finds_it_unchanged(
    tmp_path: Path, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path("run")
    folder.mkdir()
    own_code.record(folder, own_code.own_code(config))
    monkeypatch.setattr(sys, "path", [each for each in sys.path if each != str(tmp_path)])
    assert own_code.changed(folder) is None
    Path("beside.py").write_text("X = 2\n")
    assert str(own_code.changed(folder)).startswith("beside.py has changed")
