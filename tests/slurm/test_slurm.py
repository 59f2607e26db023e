"""Training on a real SLURM: sweeps, several nodes, and every way in which a job may be interrupted."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from same_run import assert_same_run, metrics
from slurm_cluster import SlurmCluster, slurm, until
from tiny import tiny, write_corpus

HERE = Path(__file__).parent
STEPS = 24


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a corpus and a slow callback, beside a running cluster."""
    with SlurmCluster(tmp_path_factory.mktemp("cluster")):
        folder = tmp_path_factory.mktemp("work")
        write_corpus(folder / "corpus")
        shutil.copy(HERE / "pace.py", folder)
        (folder / "conf" / "callbacks").mkdir(parents=True)
        (folder / "conf" / "callbacks" / "pace.yaml").write_text(
            "# Slow.\npace:\n  _target_: pace.Pace\n  die: false\n"
        )
        yield folder


@pytest.fixture(autouse=True)
def _there(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(work)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def _overrides(output_dir: str | None, *more: str) -> list[str]:
    own = [
        "callbacks=pace",
        f"trainer.max_steps={STEPS}",
        "trainer.log_every_n_steps=1",
        "trainer.val_check_interval=10",
    ]
    folder = [f"output_dir={output_dir}"] if output_dir else []
    return [*tiny(Path("corpus").absolute(), "optimizer.lr=0.01", *own)[1:], *folder, *more]


def _submit(output_dir: str, *more: str, pace: float = 0, options: tuple[str, ...] = ()) -> str:
    """Write the job's script with the command itself and send it; the job's number."""
    script = Path(f"{output_dir}.sbatch")
    command = ["slurm-script", *_overrides(output_dir, *more), "--config-dir", "conf", "--out", str(script)]
    done = subprocess.run([sys.executable, "-m", "attnlab", *command, "--cpus-per-task", "1", *options], check=False)
    assert done.returncode == 0
    return slurm("sbatch", "--parsable", f"--export=ALL,PACE={pace}", str(script)).strip()


def _state(job: str) -> str:
    return re.search(r"JobState=(\w+)", slurm("scontrol", "show", "job", job))[1]  # type: ignore[index]


def _restarts(job: str) -> int:
    return int(re.search(r"Restarts=(\d+)", slurm("scontrol", "show", "job", job))[1])  # type: ignore[index]


def _log(job: str) -> str:
    path = Path(f"attnlab-{job}.out")
    return path.read_text() if path.exists() else ""


def _ended(job: str, state: str = "COMPLETED", seconds: float = 600) -> None:
    over = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "PREEMPTED")
    end = time.monotonic() + seconds
    while (now := _state(job)) not in over:
        assert time.monotonic() < end, f"job {job} is {now}:\n{_log(job)}"
        time.sleep(0.5)
    assert now == state, _log(job)


def _trained(output_dir: str, updates: int) -> None:
    """Wait until a run has come so far."""
    path = Path(output_dir) / "metrics.csv"
    until(lambda: path.exists() and path.read_text().count("train/loss") >= updates, 400, f"{updates} updates")


@pytest.fixture(scope="module")
def alone(work: Path) -> Path:
    """The run that nothing interrupts, by one process."""
    os.chdir(work)
    _ended(_submit("alone"))
    return work / "alone"


def test_two_nodes_train_together_and_go_on_after_a_signal(work: Path) -> None:
    """SIGUSR1, as ahead of the time limit: all processes write at the same update, the job is put back, goes on."""
    two = ("trainer=ddp_cpu", "trainer.devices=1", "trainer.num_nodes=2")
    _ended(_submit("two-whole", *two))
    assert metrics(work / "two-whole")["devices"] == "2 x cpu"
    job = _submit("two-parts", *two, pace=0.5)
    _trained("two-parts", 5)
    slurm("scancel", "--signal=USR1", job)
    _ended(job)
    assert _restarts(job) == 1
    assert f"putting job {job} back in the queue" in _log(job)
    assert "continuing at update" in _log(job)
    assert_same_run(work / "two-whole", work / "two-parts")


def test_a_preempted_job_and_one_at_its_time_limit_go_on(work: Path, alone: Path) -> None:
    """The same job twice: preempted by a partition of higher priority, then out of time."""
    job = _submit("moved", pace=8, options=("--time", "00:03:00", "--warn", "60"))
    _trained("moved", 3)
    urgent = slurm("sbatch", "--parsable", "-p", "high", "-N2", "--exclusive", "--wrap", "sleep 1").strip()
    _ended(urgent)
    until(lambda: _restarts(job) == 1, 120, "preemption")
    assert "SLURM is about to end this job: the checkpoint is written" in _log(job)
    _ended(job, seconds=900)
    assert _restarts(job) >= 2
    assert f"putting job {job} back in the queue" in _log(job)
    assert_same_run(alone, work / "moved")


def test_a_cancelled_job_leaves_a_run_that_the_next_one_continues(work: Path, alone: Path) -> None:
    """The next one is signalled over and over from its start till it is put back, and once more when it has ended."""
    job = _submit("left", pace=1)
    _trained("left", 4)
    slurm("scancel", job)
    _ended(job, "CANCELLED")
    assert not (work / "left" / "metrics.json").exists()

    job = _submit("left")
    until(lambda: _state(job) == "RUNNING", 60, "start")

    def put_back() -> bool:
        subprocess.run(["scancel", "--signal=USR1", job], check=False)
        return _restarts(job) >= 1

    until(put_back, 200, "job that is put back")
    until(lambda: (work / "left" / "metrics.json").exists(), 400, "end of the run")
    subprocess.run(["scancel", "--signal=USR1", job], check=False)
    _ended(job)
    assert_same_run(alone, work / "left")


def _sweep(*more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "attnlab", "train", *_overrides(None, "--config-dir", "conf", *more)]
    launcher = ["-m", "hydra/launcher=slurm", "hydra.launcher.cpus_per_task=1", "hydra.launcher.timeout_min=30"]
    return subprocess.run([*command, *launcher], capture_output=True, text=True, timeout=600, check=False)


def _newest_record() -> list[dict[str, Any]]:
    newest = max(Path("outputs/sweeps").iterdir(), key=lambda path: path.stat().st_mtime)
    return [json.loads(path.read_text()) for path in sorted(newest.glob("*.json"))]


def test_a_sweep_is_an_array_of_jobs_and_one_that_dies_is_reported() -> None:
    done = _sweep("callbacks.pace.die=false,true")
    assert done.returncode == 1, done.stderr
    assert "sweep: 1 of 2 runs finished" in done.stdout
    job = re.search(r"callbacks.pace.die=True: job (\w+) died", done.stderr)
    assert job is not None, done.stderr
    assert _state(job[1]) == "FAILED"
    survivor, dead = _newest_record()
    assert survivor["status"] == "finished"
    assert survivor["score"] == json.loads(Path(survivor["output_dir"], "metrics.json").read_text())["best"]["score"]
    assert dead["status"] == "running"
    assert not Path(dead["output_dir"], "metrics.json").exists()


def test_optuna_is_told_the_scores_of_jobs() -> None:
    done = _sweep(
        "hydra/sweeper=optuna", "hydra.sweeper.n_trials=2", "hydra.sweeper.n_jobs=2", "optimizer.lr=interval(0.01,0.05)"
    )
    assert done.returncode == 0, done.stderr
    best = min(entry["score"] for entry in _newest_record())
    assert f"Best value: {best}" in done.stderr
