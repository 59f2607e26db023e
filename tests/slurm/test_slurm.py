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
import wandb_server
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
    _pace(0)


def _pace(seconds: float) -> None:
    """How long all jobs wait after each batch from now on."""
    Path("pace.new").write_text(str(seconds))
    os.replace("pace.new", "pace")


def _overrides(output_dir: str | None, *more: str) -> list[str]:
    own = [
        "callbacks=pace",
        f"trainer.max_steps={STEPS}",
        "trainer.log_every_n_steps=1",
        "trainer.val_check_interval=10",
    ]
    folder = [f"output_dir={output_dir}"] if output_dir else []
    return [*tiny(Path("corpus").absolute(), "optimizer.lr=0.01", *own)[1:], *folder, *more]


def _submit(output_dir: str, *more: str, options: tuple[str, ...] = ()) -> str:
    """Write the job's script with the command itself and send it; the job's number."""
    script = Path(f"{output_dir}.sbatch")
    command = ["slurm-script", *_overrides(output_dir, *more), "--config-dir", "conf", "--out", str(script)]
    done = subprocess.run([sys.executable, "-m", "attnlab", *command, "--cpus-per-task", "1", *options], check=False)
    assert done.returncode == 0
    return slurm("sbatch", "--parsable", str(script)).strip()


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
    _pace(0)
    _ended(_submit("alone"))
    return work / "alone"


TWO_NODES = ("trainer=ddp_cpu", "trainer.devices=1", "trainer.num_nodes=2")


@pytest.fixture(scope="module")
def together(work: Path) -> Path:
    """The same by two processes, each on a node of its own."""
    os.chdir(work)
    _pace(0)
    _ended(_submit("together", *TWO_NODES))
    assert metrics(work / "together")["devices"] == "2 x cpu"
    return work / "together"


def test_two_nodes_train_together_and_go_on_after_a_signal(work: Path, together: Path) -> None:
    """SIGUSR1, as ahead of the time limit: all processes write at the same update, the job is put back, goes on."""
    _pace(0.5)
    job = _submit("parts", *TWO_NODES)
    _trained("parts", 5)
    slurm("scancel", "--signal=USR1", job)
    until(lambda: _restarts(job) == 1, 120, "job that is put back")
    _pace(0)
    _ended(job)
    assert _restarts(job) == 1
    assert f"putting job {job} back in the queue" in _log(job)
    assert "continuing at update" in _log(job)
    assert_same_run(together, work / "parts")


def _preempt(job: str) -> None:
    """Have a job of higher priority take both nodes, and wait until it is done and `job` waits for its turn."""
    before = _restarts(job)
    urgent = slurm("sbatch", "--parsable", "-p", "high", "-N2", "--exclusive", "--wrap", "sleep 1").strip()
    _ended(urgent)
    until(lambda: _restarts(job) > before, 60, "preemption")


def test_a_preempted_job_and_one_at_its_time_limit_go_on(work: Path, alone: Path) -> None:
    """The same job twice: preempted by a partition of higher priority, then out of time."""
    _pace(8)
    job = _submit("moved", options=("--time", "00:03:00", "--warn", "60"))
    _trained("moved", 3)
    _preempt(job)
    assert "SLURM is about to end this job: the checkpoint is written" in _log(job)
    until(lambda: _restarts(job) == 2, 400, "time limit")
    _pace(0)
    _ended(job)
    assert f"putting job {job} back in the queue" in _log(job)
    assert_same_run(alone, work / "moved")


def test_a_cancelled_job_leaves_a_run_that_the_next_one_continues(work: Path, alone: Path) -> None:
    """The next one is signalled over and over from its start till it is put back, and once more when it has ended."""
    _pace(1)
    job = _submit("left")
    _trained("left", 4)
    slurm("scancel", job)
    _ended(job, "CANCELLED")
    _pace(0)
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


def _sweep_command(*more: str) -> list[str]:
    launcher = ["-m", "hydra/launcher=slurm", "hydra.launcher.cpus_per_task=1", "hydra.launcher.timeout_min=30"]
    overrides = _overrides(None, "--config-dir", "conf", *launcher, *more)
    return [sys.executable, "-m", "attnlab", "train", *overrides]


def _sweep(*more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(_sweep_command(*more), capture_output=True, text=True, timeout=600, check=False)


def _newest_sweep() -> Path:
    return max(Path("outputs/sweeps").iterdir(), key=lambda path: path.stat().st_mtime)


def _newest_record() -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(_newest_sweep().glob("*.json"))]


def test_optuna_is_told_the_scores_of_jobs() -> None:
    draws = ["hydra.sweeper.n_trials=2", "hydra.sweeper.n_jobs=2", "model.dropout=interval(0.0,0.5)"]
    done = _sweep("hydra/sweeper=optuna", *draws)
    assert done.returncode == 0, done.stderr
    scores = [entry["score"] for entry in _newest_record()]
    assert len(set(scores)) == 2
    assert f"Best value: {min(scores)}" in done.stderr


def _synced(folders: list[Path]) -> dict[str, list[dict[str, Any]]]:
    """What `wandb sync` sends of these folders: of each run, its rows."""
    with wandb_server.running() as server:
        environment = {**os.environ, "WANDB_BASE_URL": server.url, "WANDB_API_KEY": "0123456789" * 4}
        command = [str(Path(sys.executable).with_name("wandb")), "sync", *map(str, folders)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return server.histories


def _put_back_twice(job: str, folder: Path) -> None:
    """A run's job: signalled as ahead of the time limit, then preempted."""
    _trained(str(folder), 5)
    slurm("scancel", "--signal=USR2", job)
    until(lambda: _restarts(job) == 1, 120, "job that is put back")
    _trained(str(folder), 10)
    _preempt(job)
    assert _restarts(job) == 2


def test_of_an_array_one_job_dies_and_one_is_put_back_and_goes_on_in_the_same_wandb_run(together: Path) -> None:
    """A sweep whose runs have two processes each, on one node. The one that dies is reported."""
    _pace(2)
    command = _sweep_command("trainer=ddp_cpu", "logger=default", "callbacks.pace.die=false,true")
    output = Path("sweep.out")
    with output.open("w") as file:
        controller = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
    try:
        until(lambda: " jobs of SLURM, from " in output.read_text(), 200, "array")
        array = re.search(r"2 jobs of SLURM, from (\d+)_0 on", output.read_text())[1]  # type: ignore[index]
        first = _newest_sweep() / "0.json"
        until(first.exists, 200, "run")
        folder = Path(json.loads(first.read_text())["output_dir"])
        _put_back_twice(f"{array}_0", folder)
        _pace(0)
        assert controller.wait(400) == 1, output.read_text()
    finally:
        controller.kill()
    said = output.read_text()
    assert "sweep: 1 of 2 runs finished" in said
    assert f"callbacks.pace.die=True: job {array}_1 died" in said
    assert _state(f"{array}_1") == "FAILED"
    survivor, dead = _newest_record()
    assert survivor["status"] == "finished"
    assert survivor["score"] == json.loads((folder / "metrics.json").read_text())["best"]["score"]
    assert dead["status"] == "running"
    assert not Path(dead["output_dir"], "metrics.json").exists()
    assert_same_run(together, folder)

    parts = sorted(folder.glob("wandb/offline-run-*"))
    assert len(parts) >= 2
    [(run, rows)] = _synced(parts).items()
    assert run == (folder / "wandb_id.txt").read_text().strip()
    assert {row["step"] for row in rows if "train/loss" in row} == set(range(1, STEPS + 1))
