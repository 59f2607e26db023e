"""Sweeps are found wherever they are declared, begin at once, and end as they went."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import optuna
import pytest
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from optuna.study import StudyDirection
from optuna.trial import TrialState

from attnlab.commands import cli
from attnlab.errors import UserError
from attnlab.launch.pruning import Pruned, judge_of_this_run

SHORT = ("trainer.max_steps=4", "trainer.val_check_interval=2", "model.dim=8")
OPTUNA = ("-m", "hydra/sweeper=optuna", "hydra/sweeper/sampler=random", "hydra.sweeper.sampler.seed=1")


@pytest.fixture(autouse=True)
def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The configurations of the runs, in the place of training; a run's score is its seed."""
    seen: list[dict[str, Any]] = []

    def train(config: dict[str, Any], command: list[str]) -> float:
        seen.append(config)
        return float(config["seed"])

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("attnlab.commands.train.command._train", train)
    return seen


def _studies() -> list[optuna.Study]:
    paths = sorted(Path("outputs/studies").glob("*.db"))
    return [optuna.load_study(study_name=path.stem, storage=f"sqlite:///{path}") for path in paths]


def _experiment(name: str, text: str) -> list[str]:
    folder = Path("mine/experiment")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.yaml").write_text("# @package _global_\n" + text)
    return ["--config-dir", "mine", f"experiment={name}"]


def test_a_sweeper_of_an_experiment_is_told_the_direction(trained: list[dict[str, Any]]) -> None:
    chosen = _experiment(
        "search",
        "defaults:\n  - override /hydra/sweeper: optuna\ntask: {monitor: val/chrf, mode: max}\n"
        "hydra: {sweeper: {n_trials: 3, n_jobs: 1, params: {seed: 'range(1,9)'}}}\n",
    )
    assert cli.main(["train", *SHORT, "-m", *chosen]) == 0
    (study,) = _studies()
    assert study.direction == StudyDirection.MAXIMIZE
    assert study.best_value == max(float(each["seed"]) for each in trained)
    assert len(study.trials) == len(trained) == 3
    assert study.study_name.startswith("search-attention_seq2seq-scaled_dot-")


def test_a_file_may_ask_for_a_sweep(trained: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    """With what the command line says in the place of what the file sweeps; and it is recorded as any."""
    chosen = _experiment(
        "both", 'hydra: {mode: MULTIRUN, sweeper: {params: {seed: "7,8", model.dropout: "0.0,0.1"}}}\n'
    )
    assert cli.main(["train", *SHORT, *chosen, "model.dropout=0.2"]) == 0
    assert [(each["seed"], each["model"]["dropout"]) for each in trained] == [(7, 0.2), (8, 0.2)]
    printed = capsys.readouterr().out
    assert "sweep: 2 of 2 runs finished" in printed


@pytest.mark.parametrize(
    "params", ["hydra.sweeper.params={seed:'range(1,4)'}", "+hydra.sweeper.params.seed='range(1,4)'"]
)
def test_what_is_drawn_may_stand_on_the_command_line(params: str, trained: list[dict[str, Any]]) -> None:
    assert cli.main(["train", *SHORT, *OPTUNA, params, "hydra.sweeper.n_trials=2"]) == 0
    assert len(trained) == 2
    assert {each["seed"] for each in trained} <= {1, 2, 3, 4}


def test_a_value_of_a_swept_group_needs_no_place_in_the_default(
    trained: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """And a run in which it has none is refused alone."""
    sweep = ["-m", "attention=local,additive,dilated", "attention.core.window=3"]
    assert cli.main(["train", *SHORT, *sweep]) == 2
    assert [each["attention"]["core"]["window"] for each in trained] == [3, 3]
    captured = capsys.readouterr()
    refused = "attention=additive  no key 'attention.core.window' in this run (drop it, or sweep over what has one)"
    assert refused in captured.out
    assert "Traceback" not in captured.err


def test_each_run_is_composed_once_and_the_first_waits_for_no_other(
    trained: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    composed: list[int] = []
    compose, load = ConfigLoaderImpl._load_configuration_impl, ConfigLoaderImpl.load_sweep_config

    def counted(self: Any, *given: Any, **named: Any) -> Any:
        composed.append(len(trained))
        return compose(self, *given, **named)

    swept: list[int] = []

    def counted_sweep(self: Any, *given: Any, **named: Any) -> Any:
        swept.append(len(trained))
        return load(self, *given, **named)

    monkeypatch.setattr(ConfigLoaderImpl, "_load_configuration_impl", counted)
    monkeypatch.setattr(ConfigLoaderImpl, "load_sweep_config", counted_sweep)
    assert cli.main(["train", *SHORT, "-m", "seed=1,2,3,4,5,6", "attention=additive,dot"]) == 0
    assert len(trained) == 12
    assert swept == list(range(12))
    before_the_first = composed.count(0)
    assert len(composed) == before_the_first + 11
    assert before_the_first < 12


def test_a_report_says_what_differs(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", *SHORT, "-m", "seed=1,2", "output_root=elsewhere"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (record,) = Path("elsewhere/sweeps").iterdir()
    assert lines[1].startswith(f"sweep: 2 of 2 runs finished ({record.absolute()}")
    assert lines[2] == "  all with trainer.max_steps=4 trainer.val_check_interval=2 model.dim=8 output_root=elsewhere"
    assert lines[3:5] == ["    0  finished  seed=1  1", "    1  finished  seed=2  2"]
    assert lines[6].startswith("not compared: ")
    assert not Path("outputs").exists()


@pytest.mark.parametrize(
    "overrides, message",
    [
        (["seed=1,2", "trainer.val_check_interval=200"], "got trainer.max_steps=4 with a validation every 200 updates"),
        ([], "a sampler needs something to draw, got none"),
        (
            ["seed=1,2", "hydra.sweeper.n_trials=0"],
            "n_trials must be a whole number, 1 or more, got 0 (set hydra.sweeper.n_trials)",
        ),
        (["seed=1,2", "hydra.sweeper.n_trials=two"], "1 or more, got two (set hydra.sweeper.n_trials)"),
        (["seed=1,2", "hydra.sweeper.max_failure_rate=few"], "between 0 and 1, got few (set hydra.sweeper.max_fai"),
        (["seed=1,2", "hydra.sweeper.direction=up"], "got 'up' (set hydra.sweeper.direction=null"),
        (["seed=1,2", "hydra.sweeper.storage=nosuch://x"], "must open, got nosuch://x: "),
        (
            ["seed=1,2", "hydra.sweeper.storage=sqlite:////nosuch/x.db"],
            "got sqlite:////nosuch/x.db: unable to open database file (set hydra.sweeper.storage, as sqlite:///FILE.db",
        ),
        (["seed=1,2", "hydra/sweeper/sampler=motpe"], "no hydra/sweeper/sampler is named 'motpe'"),
        (["seed=1,2", "hydra/sweeper/pruner=median", "trainer.devices=2"], "(set hydra/sweeper/pruner=none)"),
    ],
)
def test_a_study_that_cannot_be_is_one_line(
    overrides: list[str], message: str, trained: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["train", *SHORT, *OPTUNA, *overrides]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert trained == []


def test_an_older_optunas_study_says_how_to_convert_it(capsys: pytest.CaptureFixture[str]) -> None:
    storage = "sqlite:///old.db"
    optuna.create_study(study_name="old", storage=storage)
    with sqlite3.connect("old.db") as database:  # as version 2.10 leaves it
        database.execute("UPDATE alembic_version SET version_num = 'v2.6.0.a'")
        database.execute("UPDATE version_info SET schema_version = 11, library_version = '2.10.1'")
    database.close()
    assert cli.main(["train", *SHORT, *OPTUNA, "seed=1,2", f"hydra.sweeper.storage={storage}"]) == 2
    convert = f"an older Optuna wrote this study, got {storage} (run: optuna storage upgrade --storage {storage}, or"
    assert f"error: {convert} set hydra.sweeper.storage to begin another)\n" in capsys.readouterr().err


def test_a_run_worse_than_those_before_is_pruned(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def train(config: dict[str, Any], command: list[str]) -> float:
        judge = judge_of_this_run()
        assert judge is not None
        if judge(2, float(config["seed"])):
            raise Pruned(2)
        return float(config["seed"])

    monkeypatch.setattr("attnlab.commands.train.command._train", train)
    pruner = ["hydra/sweeper/pruner=median", "hydra.sweeper.pruner.n_startup_trials=1", "hydra/sweeper/sampler=grid"]
    assert cli.main(["train", *SHORT, "-m", "hydra/sweeper=optuna", *pruner, "seed=5,6,7"]) == 0
    (study,) = _studies()
    first, *others = study.trials
    assert first.state == TrialState.COMPLETE
    best = first.value
    assert best is not None
    for trial in others:
        worse = float(trial.params["seed"]) > best
        assert trial.state == (TrialState.PRUNED if worse else TrialState.COMPLETE)
        best = min(best, float(trial.params["seed"]))
    (record,) = Path("outputs/sweeps").iterdir()
    ends = [json.loads((record / f"{number}.json").read_text())["status"] for number in range(3)]
    assert ends == ["pruned" if trial.state == TrialState.PRUNED else "finished" for trial in study.trials]
    assert "sweep: 3 of 3 runs finished" in capsys.readouterr().out
    assert judge_of_this_run() is None


def test_what_refuses_every_trial_ends_the_sweep_and_a_contrary_direction_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(config: dict[str, Any], command: list[str]) -> float:
        raise UserError("mode must be max for val/chrf, got 'min' (set task.mode)")

    monkeypatch.setattr("attnlab.commands.train.command._train", refuse)
    command = ["train", *SHORT, *OPTUNA, "hydra.sweeper.n_trials=9", "hydra.sweeper.direction=maximize"]
    assert cli.main([*command, "seed=range(1,9)"]) == 2
    printed = "".join(capsys.readouterr())
    assert "0 of 2 runs finished" in printed
    assert "refused alike" in printed
    assert "the study is to maximize what the runs are to minimize" in printed


def test_what_every_drawn_run_would_be_refused_for_is_said_before_the_first(
    trained: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """What only some are refused for is no reason not to begin."""
    draws = [*SHORT, *OPTUNA, "model=transformer", "hydra.sweeper.n_trials=2"]
    contrary = ["task.monitor=val/bleu", "task.mode=min"]
    assert cli.main(["train", *draws, "model.num_heads=choice(2,4)", *contrary]) == 2
    captured = capsys.readouterr()
    assert captured.err == "error: mode must be max for val/bleu, got 'min' (set task.mode)\n"
    assert trained == _studies() == []
    assert cli.main(["train", *draws, "model.num_heads=choice(3,2)"]) == 0
    assert len(trained) == 2
