"""`attnlab train`: what is said before anything is written, and what becomes of the way a run ends."""

import json
from pathlib import Path
from typing import Any

import pytest

from attnlab.commands import cli
from attnlab.commands.train import command
from attnlab.config import identity
from attnlab.errors import Fault
from attnlab.launch.stop import TrainingInterrupted


def _training(monkeypatch: pytest.MonkeyPatch, raised: BaseException | None = None) -> list[dict[str, Any]]:
    """In the place of training: notes the configuration, then raises."""
    heard: list[dict[str, Any]] = []

    def train(config: dict[str, Any], line: list[str]) -> float:
        heard.append(config)
        if raised is not None:
            raise raised
        return 0.5

    monkeypatch.setattr(command, "_train", train)
    return heard


def test_a_run_is_trained_on_the_configuration_that_the_overrides_make(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = _training(monkeypatch)
    assert cli.main(["train", "seed=3", "attention=additive", "output_dir=run"]) == 0
    (config,) = heard
    assert (config["seed"], config["output_dir"]) == (3, "run")
    assert config["model"]["attention"]["core"]["_target_"] == "attnlab.attention.AdditiveAttention"
    assert not Path("run/config.json").exists()  # the run's to write


def test_a_further_process_trains_what_the_folder_has_on_record(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = _training(monkeypatch)
    Path("run").mkdir()
    Path("run/config.json").write_text(json.dumps({"seed": 7, "results": 1}))
    assert cli.main(["train", "--job", "run"]) == 2  # by hand, it would run whatever the folder names
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert cli.main(["train", "--job", "run"]) == 0
    assert heard == [{"seed": 7, **identity.NEWER[""]}]  # as today's configurations have it


def test_each_process_of_a_job_trains_the_run_that_the_overrides_make(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = _training(monkeypatch)
    monkeypatch.setenv("LOCAL_RANK", "1")
    command.train_one(["seed=3", "attention=additive", "output_dir=run"])
    (config,) = heard
    assert (config["seed"], config["output_dir"]) == (3, "run")
    assert not Path("run").exists()  # what Hydra writes is the first's to write


@pytest.mark.parametrize(
    "raised, status, said",
    [
        (
            FloatingPointError("the loss is nan"),
            1,
            "error: training diverged: the loss is nan (set a lower optimizer.lr)",
        ),
        (KeyboardInterrupt(), 130, "interrupted; the same command goes on from the last checkpoint, if there is one"),
        (Fault("a process is gone"), 1, "error: a process is gone"),
        (TrainingInterrupted("stopped at update 3"), 130, "stopped at update 3; the same command continues it"),
        (
            OSError(28, "No space left on device", "run/x"),
            2,
            "No space left on device (make room, or set output_root, or output_dir)",
        ),
        (OSError(28, "No space left on device"), 2, "can't write the run's files: No space left on device (make room"),
    ],
)
def test_the_way_a_run_ends_is_one_line(
    raised: BaseException, status: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _training(monkeypatch, raised)
    assert cli.main(["train", "output_dir=run"]) == status
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_help_is_of_train_and_trains_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    heard = _training(monkeypatch)
    assert cli.main(["train", "seed=1", "--help"]) == 0
    assert capsys.readouterr().out.startswith("usage: attnlab train ")
    assert not heard


def test_a_folder_that_cannot_be_made_is_said_before_training(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    heard = _training(monkeypatch)
    Path("file").touch()
    assert cli.main(["train", "output_dir=file/run"]) == 2
    assert "the output folder can't be made: " in capsys.readouterr().err
    assert not heard


def test_a_run_lies_in_ones_home_where_that_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = _training(monkeypatch)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cli.main(["train", "output_root=~/runs"]) == 0
    assert heard[0]["output_dir"].startswith(f"{tmp_path}/home/runs/translation/")
    assert Path(heard[0]["output_dir"], "train.log").is_file()
    assert not Path("~").exists()
