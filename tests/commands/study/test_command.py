import json
from pathlib import Path

import pytest
from tiny_study import tiny_base, write_study

from attnlab.commands import cli
from attnlab.commands.study.command import _alone_in
from attnlab.errors import UserError
from attnlab.files import locked


def test_a_dry_run_plans_and_trains_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_study(tmp_path, base=tiny_base(tmp_path), controls=["uniform"], seeds=2)
    command = ["study", "small", "--dry-run", "--config-dir", str(tmp_path), "seeds=1", "hydra/launcher=slurm"]
    assert cli.main([*command, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert list(record["arms"]) == ["uniform", "additive"]
    assert record["seeds"] == [0]
    assert record["data_changed"] is None
    assert record["left_out"] == {"uniform": "an arm of the study is named so"}
    assert record["where"].startswith("SLURM, partition left to it, at most 16 jobs at once of 1 x 1 processes with 2")
    assert record["where"].endswith(f"what they print goes to {tmp_path / 'outputs' / 'slurm'}")
    assert not (tmp_path / "outputs").exists()


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["nosuch", "--dry-run"], "no study is named 'nosuch'"),
        (["attention_in_translation", "--dry-run", "sedes=3"], "no key 'sedes' in a study (did you mean seeds?)"),
        (["attention_in_translation", "attention=dot"], "no key 'attention' in a study; it has control"),
        (["attention_in_translation", "--verify", "dot-3"], "a row is ARM/SEED of the study, got 'dot-3' (set --ver"),
        (["attention_in_translation", "--json"], "only a plan is printed so, got --json without --dry-run"),
        (["attention_in_translation", "fresh=true"], "runs alone are trained anew whose data has changed, got fresh ("),
        (
            ["attention_in_translation", "--verify", "dot/3", "--fresh"],
            "a row is verified alone, got --verify with --fr",
        ),
        (["attention_in_translation", "--workers=0"], "workers must be 1 or more, got 0 (set --workers)"),
        (["attention_in_translation", "hydra/launcher=basic"], "a study's runs are done by hydra/launcher=local or sl"),
        (["attention_in_translation", "hydra/launcher=slurm", "--workers=2"], "workers are of this machine, got"),
        (
            ["attention_in_translation", "hydra.sweeper.params=1"],
            "of Hydra a study takes the launcher alone",
        ),
        ([], "attnlab study needs NAME, "),
        (["a", "--config-dir", "nosuch"], "no such folder, got nosuch (set --config-dir)"),
    ],
)
def test_a_mistake_is_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["study", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.startswith("error: ")
    assert error.count("\n") == 1


def test_a_study_runs_once_at_a_time(tmp_path: Path) -> None:
    with _alone_in(tmp_path / "study"):
        assert (tmp_path / "study").is_dir()
    once = pytest.raises(UserError, match="a study runs once at a time, got")
    with locked(tmp_path / "study"), once, _alone_in(tmp_path / "study"):
        pass
