"""A sweep's runs side by side: each is what it would be alone, to the last bit, whatever happens to it on the way."""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
import pytest
from fork_server import Attempt, ForkServer
from same_run import assert_same_run
from tiny import tiny, write_corpus

from attnlab.commands import cli
from attnlab.launch import resources

MORE = (
    "optimizer.lr=0.01",
    "trainer.accelerator=cpu",
    "trainer.threads=1",
    "trainer.log_every_n_steps=1",
    "trainer.max_steps=40",
    "trainer.val_check_interval=10",
    "callbacks=none",
)
SIDE_BY_SIDE = ("-m", "hydra/launcher=local", "hydra.launcher.workers=2")
SHORT = ("trainer.max_steps=4", "trainer.val_check_interval=2", "model.dim=8", "trainer.threads=1")


def _until(holds: Callable[[], bool], attempt: Attempt) -> None:
    while not holds():
        assert attempt.poll() is None
        time.sleep(0.005)


def _lines(folder: Path) -> dict[Path, int]:
    """How far each run has come."""
    return {path.parent: path.read_bytes().count(b"\n") for path in folder.glob("outputs/*/*/*/metrics.csv")}


def _workers(parent: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def _record(folder: Path) -> list[dict[str, Any]]:
    """What the newest sweep wrote of its runs."""
    sweep = sorted(folder.glob("outputs/sweeps/*"))[-1]
    return [json.loads(path.read_text()) for path in sorted(sweep.glob("*.json"))]


def test_runs_side_by_side_that_are_killed_and_stopped_are_those_that_run_alone(
    server: ForkServer, tmp_path: Path
) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    alone, together = tmp_path / "alone", tmp_path / "together"
    alone.mkdir()
    together.mkdir()
    for seed in (1, 2):
        assert server.start(tiny(corpus, *MORE, f"seed={seed}"), alone).wait() == 0
    command = tiny(corpus, *MORE, "seed=1,2", *SIDE_BY_SIDE)

    attempt = server.start(command, together)
    _until(lambda: [lines > 5 for lines in _lines(together).values()] == [True, True], attempt)
    os.kill(_workers(attempt.pid)[0], signal.SIGKILL)
    _until(lambda: "died" in [entry["status"] for entry in _record(together)], attempt)
    attempt.kill(signal.SIGINT)
    assert attempt.wait() == 130
    printed = (together / "output.txt").read_text()
    assert "died: killed by signal 9 (see " in printed
    assert "interrupted with 1 of 2 runs done; the same command continues it" in printed
    found = {entry["status"]: entry.get("error") for entry in _record(together)}
    assert found["died"] == "killed by signal 9"
    assert found["interrupted"].startswith("interrupted after update ")

    assert server.start(command, together).wait() == 0
    assert [entry["status"] for entry in _record(together)] == ["finished", "finished"]
    runs = [path.parent.relative_to(alone) for path in alone.glob("outputs/*/*/*/metrics.json")]
    assert len(runs) == 2
    for run in runs:
        assert_same_run(alone / run, together / run)
        assert "finished: 40 updates" in (together / run / "train.log").read_text()
    assert "finished: 40 updates" not in (together / "output.txt").read_text()


def _odd(config: dict[str, Any], command: list[str]) -> float:
    """In the place of training: seed 2 breaks, and seed 3 has no score, as without validation."""
    print(f"training {config['seed']}")
    if config["seed"] == 2:
        raise RuntimeError("no such thing")
    return float("nan") if config["seed"] == 3 else float(config["seed"])


@pytest.fixture(autouse=True)
def trained(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Nothing is imported and nothing is trained, but in the test that has a server for it."""
    if "server" not in request.fixturenames:
        monkeypatch.setattr("attnlab.commands.train.command._train", _odd)
        monkeypatch.setattr("attnlab.runs.warm.import_all", lambda: None)


def test_each_run_is_recorded_as_it_ended_and_prints_into_its_own_log(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", *SHORT, *SIDE_BY_SIDE, "seed=1,2,3,4"]) == 1
    assert [(entry["status"], entry["score"], entry.get("error")) for entry in _record(Path())] == [
        ("finished", 1.0, None),
        ("failed", None, "no such thing"),
        ("finished", None, None),
        ("finished", 4.0, None),
    ]
    captured = capsys.readouterr()
    assert "sweep: 3 of 4 runs finished" in captured.out
    assert "#1 seed=2 failed: no such thing (see " in captured.err
    assert "training" not in captured.out
    assert "one run at a time" not in captured.err
    assert "Traceback" not in captured.err
    logs = {entry["score"]: Path(entry["output_dir"], "train.log").read_text() for entry in _record(Path())}
    assert logs[4.0] == "training 4\n"


def test_a_run_that_cannot_be_composed_is_refused_alone(capsys: pytest.CaptureFixture[str]) -> None:
    sweep = ["attention=local,additive,dilated", "attention.core.window=3", "seed=5"]
    assert cli.main(["train", *SHORT, *SIDE_BY_SIDE, *sweep]) == 2
    assert [entry["status"] for entry in _record(Path())] == ["finished", "refused", "finished"]
    captured = capsys.readouterr()
    assert "attention=additive refused: no key 'attention.core.window' in this run" in captured.err
    assert "3 of 3 done, 0 running, 1 failed" in captured.err


def test_a_sampler_learns_from_runs_side_by_side() -> None:
    command = ["hydra/sweeper=optuna", "hydra.sweeper.n_trials=2", "hydra/sweeper/sampler=grid", "seed=4,5"]
    assert cli.main(["train", *SHORT, *SIDE_BY_SIDE, *command]) == 0
    (path,) = Path("outputs/studies").glob("*.db")
    study = optuna.load_study(study_name=path.stem, storage=f"sqlite:///{path}")
    assert [trial.value for trial in study.trials] == [float(trial.params["seed"]) for trial in study.trials]
    assert len(study.trials) == 2


def test_runs_that_take_all_cores_say_that_there_is_one_at_a_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(resources, "cores_here", lambda: 2)
    monkeypatch.setattr(resources, "threads_alone", lambda: 2)
    assert cli.main(["train", "-m", "hydra/launcher=local", "seed=4,5"]) == 0
    line = "one run at a time: each takes 2 of 2 cores (trainer.threads says how many a process takes)\n"
    assert capsys.readouterr().err.count(line) == 1


@pytest.mark.parametrize(
    "overrides, message",
    [
        (["hydra.launcher.workers=0"], "workers must be a whole number, 1 or more, got 0 (set hydra.launcher.workers)"),
        (["hydra.launcher.wokers=2"], "no key 'hydra.launcher.wokers' (did you mean hydra.launcher.workers?)"),
        (["hydra/sweeper=optuna", "hydra/sweeper/pruner=median"], "runs are pruned where they are drawn, one by one"),
    ],
)
def test_a_launcher_that_cannot_be_is_one_line(
    overrides: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["train", *SHORT, "-m", "hydra/launcher=local", "seed=1,2", *overrides]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_where_forks_are_unsafe_it_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("attnlab.launch.local_launcher.sys.platform", "darwin")
    assert cli.main(["train", *SHORT, "-m", "hydra/launcher=local", "seed=1,2"]) == 2
    assert "got darwin (set hydra/launcher=basic)" in capsys.readouterr().err
