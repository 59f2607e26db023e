"""A sweep records every run, those that fail too, and says in one line what cannot be."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from tiny import run, write_corpus

from attnlab.commands import cli
from attnlab.config import checks
from attnlab.launch import sweep
from attnlab.launch.ending import Status

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


def test_a_run_that_diverges_is_recorded_and_the_others_go_on(
    corpus: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "check_numbers", lambda config: None)  # or such a rate is refused
    assert run(corpus, *FEW, "-m", "optimizer.lr=0.01,1e30", "seed=1,2") == 1
    captured = capsys.readouterr()
    assert "sweep: 2 of 4 runs finished" in captured.out
    assert "control: optimizer.lr=0.01 (the first" in captured.out
    assert "2 of 2 runs of optimizer.lr=1e+30 failed" in captured.out
    assert "Traceback" not in captured.err
    found = _record()
    assert [entry["status"] for entry in found] == ["finished", "finished", "diverged", "diverged"]
    for entry in found[:2]:
        best = json.loads(Path(entry["output_dir"], "metrics.json").read_text())["best"]
        assert entry["score"] == best["score"]
    assert all(entry["score"] is None and entry["error"] for entry in found[2:])


def _odd(config: dict[str, Any], command: list[str]) -> float:
    """In the place of training: seed 2 breaks, and seed 3 has no score, as without validation."""
    if config["seed"] == 2:
        raise RuntimeError("no such thing")
    return float("nan") if config["seed"] == 3 else float(config["seed"])


def test_a_run_that_breaks_or_has_no_score_is_recorded_and_the_others_go_on(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attnlab.commands.train.command._train", _odd)
    assert run(corpus, *FEW, "-m", "seed=1,2,3,4") == 1
    assert [(entry["status"], entry["score"]) for entry in _record()] == [
        ("finished", 1.0), ("failed", None), ("finished", None), ("finished", 4.0)
    ]  # fmt: skip


SLURM = ("-m", "hydra/launcher=slurm")


@pytest.mark.parametrize(
    "overrides, message",
    [
        ([*SLURM, "trainer.devices=1,2"], "all jobs of a sweep on SLURM ask for the same resources"),
        ([*SLURM, "seed=1,two"], "seed must be a whole number, got 'two'"),
        (["-m", "hydra/launcher=nosuch", "seed=1,2"], "no hydra/launcher is named 'nosuch'"),
        ([*OPTUNA, "model.dim=interval(8.5,64)"], "model.dim must be a whole number, got 8.5"),
        ([*OPTUNA, "attention=dot,nosuch"], "no attention is named 'nosuch'"),
        ([*OPTUNA, "attention=glob(a*)"], "a sampler draws from choice(), range() or interval(), got"),
        ([*OPTUNA, "hydra.sweeper.trials=3", "seed=1,2"], "no key 'hydra.sweeper.trials' (did you mean "),
        (["~init_from"], "only a value that isn't null can be dropped, got ~init_from"),
        (
            [*OPTUNA, "optimizer.lr=0.1", "optimizer.lr=interval(0.1,0.2)"],
            "a sampler draws optimizer.lr, which is given",
        ),
        (["-m", "seed=1,2", "output_dir=a,b"], "would share a folder"),
    ],
)
def test_a_sweep_that_cannot_be_is_one_line(
    capsys: pytest.CaptureFixture[str], overrides: list[str], message: str
) -> None:
    assert cli.main(["train", *overrides]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert not Path("outputs/sweeps").exists()


def test_a_missing_library_is_named_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sweep, "find_spec", lambda name: None)
    for part, extra in (("hydra/sweeper=optuna", "optuna"), ("hydra/launcher=slurm", "slurm")):
        assert cli.main(["train", "-m", part, "seed=1,2"]) == 2
        assert (
            f"{part} needs more than is installed (run: pip install -e '.[{extra}]' in attnlab's checkout)"
            in capsys.readouterr().err
        )


def test_a_sweep_within_several_processes_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert cli.main(["train", "-m", "seed=1,2"]) == 2
    assert "a sweep is started once, got 2 processes of it" in capsys.readouterr().err


def test_in_chinese_what_became_of_the_runs_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    for number, status in enumerate(("finished", "diverged")):
        entry = {"overrides": ["a=1", f"seed={number}"], "score": 0.5, "status": status}
        (tmp_path / f"{number}.json").write_text(json.dumps(entry))
    with pytest.raises(sweep.RunsFailed):
        sweep.report(tmp_path, expected=2)
    assert capsys.readouterr().out.splitlines()[1:] == [
        f"扫描：2 次运行中有 1 次已完成（{tmp_path}）",
        "  共同的 a=1",
        "    0  已完成    seed=0  0.5",
        "    1  发散      seed=1  0.5",
    ]
    assert sweep.IN_CHINESE.keys() == set(get_args(Status))
