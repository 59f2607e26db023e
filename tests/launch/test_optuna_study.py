"""A study is told the declared metric of every trial, outlives those that fail, and goes on by the same command."""

import json
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState
from tiny import run, write_corpus

from attnlab.config import checks

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")

FEW = ("trainer.max_steps=2", "trainer.val_check_interval=1", "trainer.log_every_n_steps=1", "callbacks=none")
OPTUNA = ("-m", "hydra/sweeper=optuna")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


def _record(number: int = -1) -> list[dict[str, Any]]:
    """What the newest sweep wrote of its runs."""
    folder = sorted(Path("outputs/sweeps").iterdir())[number]
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def _study() -> optuna.Study:
    (path,) = Path("outputs/studies").glob("*.db")
    return optuna.load_study(study_name=path.stem, storage=f"sqlite:///{path}")


def _odd(config: dict[str, Any], command: list[str]) -> float:
    """In the place of training: seed 2 breaks, and seed 3 has no score, as without validation."""
    if config["seed"] == 2:
        raise RuntimeError("out of memory")
    return float("nan") if config["seed"] == 3 else float(config["seed"])


def test_a_trial_that_breaks_or_has_no_score_does_not_end_a_study(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attnlab.commands.train.command._train", _odd)
    draws = ["seed=range(1,4)", "hydra.sweeper.n_trials=7", "hydra/sweeper/sampler=random"]
    assert run(corpus, *FEW, *OPTUNA, *draws, "hydra.sweeper.sampler.seed=3") == 1
    trials = _study().trials
    assert {trial.params["seed"] for trial in trials} == {1, 2, 3, 4}
    assert len(trials) == 7
    for trial in trials:
        seed = trial.params["seed"]
        failed = seed in (2, 3)
        assert (trial.state, trial.value) == ((TrialState.FAIL, None) if failed else (TrialState.COMPLETE, seed))
    assert _study().best_value == 1.0


def test_optuna_is_told_the_monitored_metric_and_its_direction(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A diverging trial is a failed one, and the study goes on."""
    monkeypatch.setattr(checks, "check_numbers", lambda config: None)  # or such a rate is refused
    monitor = ["task.monitor=val/chrf", "task.mode=max"]
    assert (
        run(
            corpus,
            *FEW,
            *OPTUNA,
            *monitor,
            "optimizer.lr=0.01,1e30",
            "hydra.sweeper.n_trials=2",
            "hydra.sweeper.sampler.seed=10",
        )
        == 1
    )
    study = _study()
    assert study.direction == optuna.study.StudyDirection.MAXIMIZE
    entries = _record()
    assert len(study.trials) == len(entries) == 2
    for trial, entry in zip(study.trials, entries, strict=True):
        if float(trial.params["optimizer.lr"]) == 1e30:
            assert (trial.state, trial.value, entry["status"]) == (TrialState.FAIL, None, "diverged")
        else:
            results = json.loads(Path(entry["output_dir"], "metrics.json").read_text())
            assert results["best"]["monitor"] == "val/chrf"
            assert trial.value == results["best"]["score"]
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE, TrialState.FAIL]


def test_the_same_command_goes_on_with_a_study(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also after its controller was killed: the trial left running is done again, with the same values."""
    command = [*FEW, *OPTUNA, "optimizer.lr=tag(log,interval(1e-3,1e-1))"]
    assert run(corpus, *command, "hydra.sweeper.n_trials=1") == 0
    first = [trial.params for trial in _study().trials]
    left = _study().ask({"optimizer.lr": optuna.distributions.FloatDistribution(1e-3, 1e-1, log=True)})
    assert run(corpus, *command, "hydra.sweeper.n_trials=3") == 0
    trials = _study().trials
    assert len(trials) == 3
    assert [trial.params for trial in trials[:2]] == [*first, left.params]
    assert all(trial.state == TrialState.COMPLETE for trial in trials)
    assert len(list(Path("outputs/translation").glob("*/*/metrics.json"))) == 3
    capsys.readouterr()
    assert run(corpus, *command, "hydra.sweeper.n_trials=3") == 2
    assert "all trials of this study are done, got 3 of them, the best " in capsys.readouterr().err
