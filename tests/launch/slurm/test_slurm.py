"""Training on a real SLURM: sweeps, several nodes, and every way in which a job may be interrupted.

Most of each scene is waiting, so all scenes that the chosen tests ask for begin at once.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import wandb_server
from same_run import assert_same_run, metrics
from slurm_cluster import SlurmCluster, slurm, until
from tiny import tiny, write_corpus

HERE = Path(__file__).parent
STEPS = 24
TWO_NODES = ("trainer=ddp_cpu", "trainer.devices=1", "trainer.num_nodes=2")


@dataclass(frozen=True)
class Scene:
    """A folder of its own, in which all commands of one scene start."""

    folder: Path

    def pace(self, seconds: float) -> None:
        """How long all jobs of this scene wait after each batch from now on."""
        (self.folder / "pace.new").write_text(str(seconds))
        os.replace(self.folder / "pace.new", self.folder / "pace")

    def overrides(self, output_dir: str | None, *more: str) -> list[str]:
        own = [
            "callbacks=pace",
            f"trainer.max_steps={STEPS}",
            "trainer.log_every_n_steps=1",
            "trainer.val_check_interval=10",
        ]
        folder = [f"output_dir={output_dir}"] if output_dir else []
        return [*tiny(self.folder / "corpus", "optimizer.lr=0.01", *own)[1:], *folder, *more]

    def submit(self, output_dir: str, *more: str, options: tuple[str, ...] = ()) -> str:
        """Write the job's script with the command itself and send it; the job's number."""
        script = f"{output_dir}.sbatch"
        command = ["slurm-script", *self.overrides(output_dir, *more), "--config-dir", "conf", "--out", script]
        command = [sys.executable, "-m", "attnlab", *command, "--cpus-per-task", "1", *options]
        assert subprocess.run(command, cwd=self.folder, check=False).returncode == 0
        return slurm("sbatch", "--parsable", f"--chdir={self.folder}", str(self.folder / script)).strip()

    def log(self, job: str) -> str:
        path = self.folder / f"attnlab-{job}.out"
        return path.read_text() if path.exists() else ""

    def ended(self, job: str, state: str = "COMPLETED", seconds: float = 600) -> None:
        over = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "PREEMPTED")
        end = time.monotonic() + seconds
        while (now := _state(job)) not in over:
            assert time.monotonic() < end, f"job {job} is {now}:\n{self.log(job)}"
            time.sleep(0.5)
        assert now == state, self.log(job)

    def trained(self, output_dir: str, updates: int) -> None:
        """Wait until a run has come so far."""
        path = self.folder / output_dir / "metrics.csv"
        until(lambda: path.exists() and path.read_text().count("train/loss") >= updates, 400, f"{updates} updates")

    def sweep(self, *more: str) -> list[str]:
        """The command that sends a sweep as jobs."""
        launcher = ["-m", "hydra/launcher=slurm", "hydra.launcher.cpus_per_task=1", "hydra.launcher.timeout_min=30"]
        overrides = self.overrides(None, "--config-dir", "conf", *launcher, *more)
        return [sys.executable, "-m", "attnlab", "train", *overrides]

    def study(self, name: str, *more: str, output_root: str) -> list[str]:
        """The command of a study of two runs, whose file is written."""
        arms = {"uniform": ["attention=uniform"], "additive": ["attention=additive"]}
        base = self.overrides(None, f"output_root={output_root}")
        values = {"base": base, "control": "uniform", "arms": arms, "controls": [], "seeds": 1}
        (path := self.folder / "conf" / "study" / f"{name}.yaml").parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(values))
        return [sys.executable, "-m", "attnlab", "study", name, "--config-dir", "conf", *more]

    def sweep_record(self) -> Path:
        """The folder with a file for each run of its only sweep."""
        [found] = (self.folder / "outputs" / "sweeps").iterdir()
        return found

    def recorded(self) -> list[dict[str, Any]]:
        return [json.loads(path.read_text()) for path in sorted(self.sweep_record().glob("*.json"))]


def _state(job: str) -> str:
    return re.search(r"JobState=(\w+)", slurm("scontrol", "show", "job", job))[1]  # type: ignore[index]


def _restarts(job: str) -> int:
    return int(re.search(r"Restarts=(\d+)", slurm("scontrol", "show", "job", job))[1])  # type: ignore[index]


Play = Callable[[Scene], Any]
PLAYS: dict[str, Play] = {}


def played(play: Play) -> Any:
    """A fixture: what this comes to, having begun together with all others that the chosen tests ask for."""
    PLAYS[play.__name__] = play

    @pytest.fixture(scope="module", name=play.__name__)
    def outcome(scenes: dict[str, Future[Any]]) -> Any:
        return scenes[play.__name__].result()

    return outcome


@pytest.fixture(scope="module")
def scenes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Any]]]:
    """Of each play that was asked for, its outcome to come, beside a running cluster."""
    chosen = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    with (
        pytest.MonkeyPatch.context() as patch,
        SlurmCluster(tmp_path_factory.mktemp("cluster")),
        ThreadPoolExecutor(len(PLAYS)) as pool,
    ):
        patch.setenv("OMP_NUM_THREADS", "1")
        yield {
            name: pool.submit(play, _scene(tmp_path_factory.mktemp(name)))
            for name, play in PLAYS.items()
            if name in chosen
        }


def _scene(folder: Path) -> Scene:
    """A folder with a corpus and a slow callback."""
    write_corpus(folder / "corpus")
    shutil.copy(HERE / "pace.py", folder)
    (folder / "conf" / "callbacks").mkdir(parents=True)
    (folder / "conf" / "callbacks" / "pace.yaml").write_text("# Slow.\npace:\n  _target_: pace.Pace\n  die: false\n")
    scene = Scene(folder)
    scene.pace(0)
    return scene


def _preempt(scene: Scene, job: str, node: str) -> None:
    """Have a job of higher priority take the node, and wait until it is done and `job` waits for its turn."""
    before = _restarts(job)
    options = ["-p", "high", "-w", node, "--exclusive", f"--chdir={scene.folder}"]
    urgent = slurm("sbatch", "--parsable", *options, "--wrap", "sleep 1").strip()
    scene.ended(urgent)
    until(lambda: _restarts(job) > before, 60, "preemption")


@played
def moved(scene: Scene) -> Path:
    """The same job twice: preempted by a partition of higher priority, then out of time."""
    scene.pace(1)
    job = scene.submit("run", options=("--partition", "left", "--time", "00:03:00", "--warn", "60"))
    scene.trained("run", 3)
    scene.pace(8)
    _preempt(scene, job, "node3")
    assert "SLURM is about to end this job: the checkpoint is written" in scene.log(job)
    until(lambda: _restarts(job) == 2, 400, "time limit")
    scene.pace(0)
    scene.ended(job)
    assert f"putting job {job} back in the queue" in scene.log(job)
    return scene.folder / "run"


@played
def arrayed(scene: Scene) -> Path:
    """A sweep whose runs have two processes each, on one node. The one that dies is reported."""
    scene.pace(2)
    options = ["hydra.launcher.partition=right", "trainer=ddp_cpu", "logger=default"]
    command = scene.sweep(*options, "callbacks.pace.die=false,true")
    output = scene.folder / "sweep.out"
    with output.open("w") as file:
        controller = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, cwd=scene.folder)
    try:
        until(lambda: " jobs of SLURM, from " in output.read_text(), 200, "array")
        array = re.search(r"2 jobs of SLURM, from (\d+)_0 on", output.read_text())[1]  # type: ignore[index]
        first = scene.sweep_record() / "0.json"
        until(first.exists, 200, "run")
        folder = scene.folder / json.loads(first.read_text())["output_dir"]
        _put_back_twice(scene, f"{array}_0", folder)
        scene.pace(0)
        assert controller.wait(400) == 1, output.read_text()
    finally:
        controller.kill()
    said = output.read_text()
    assert "sweep: 1 of 2 runs finished" in said
    assert f"callbacks.pace.die=True: job {array}_1 died" in said
    assert _state(f"{array}_1") == "FAILED"
    survivor, dead = scene.recorded()
    assert survivor["status"] == "finished"
    assert survivor["score"] == json.loads((folder / "metrics.json").read_text())["best"]["score"]
    assert dead["status"] == "running"
    assert not Path(scene.folder, dead["output_dir"], "metrics.json").exists()
    return folder


def _put_back_twice(scene: Scene, job: str, folder: Path) -> None:
    """A run's job: signalled as ahead of the time limit, then preempted."""
    scene.trained(str(folder), 5)
    slurm("scancel", "--signal=USR2", job)
    until(lambda: _restarts(job) == 1, 120, "job that is put back")
    scene.trained(str(folder), 10)
    _preempt(scene, job, "node4")
    assert _restarts(job) == 2


@played
def signalled(scene: Scene) -> Path:
    """SIGUSR1, as ahead of the time limit: all processes write at the same update, the job is put back, goes on."""
    scene.pace(0.5)
    job = scene.submit("run", *TWO_NODES)
    scene.trained("run", 5)
    slurm("scancel", "--signal=USR1", job)
    until(lambda: _restarts(job) == 1, 120, "job that is put back")
    scene.pace(0)
    scene.ended(job)
    assert _restarts(job) == 1
    assert f"putting job {job} back in the queue" in scene.log(job)
    assert "continuing at update" in scene.log(job)
    return scene.folder / "run"


@played
def cancelled(scene: Scene) -> Path:
    """The next job is signalled over and over from its start till it is put back, and once more when it has ended."""
    scene.pace(1)
    job = scene.submit("run")
    scene.trained("run", 4)
    slurm("scancel", job)
    scene.ended(job, "CANCELLED")
    scene.pace(0)
    assert not (scene.folder / "run" / "metrics.json").exists()

    job = scene.submit("run")
    until(lambda: _state(job) == "RUNNING", 60, "start")

    def put_back() -> bool:
        subprocess.run(["scancel", "--signal=USR1", job], check=False)
        return _restarts(job) >= 1

    until(put_back, 200, "job that is put back")
    until(lambda: (scene.folder / "run" / "metrics.json").exists(), 400, "end of the run")
    subprocess.run(["scancel", "--signal=USR1", job], check=False)
    scene.ended(job)
    return scene.folder / "run"


@played
def studied(scene: Scene) -> tuple[str, list[float]]:
    """A study of two trials, both jobs at a time: what it said in the end, and the scores."""
    draws = ["hydra.sweeper.n_trials=2", "hydra.sweeper.n_jobs=2", "model.dropout=interval(0.0,0.5)"]
    command = scene.sweep("hydra/sweeper=optuna", *draws)
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, cwd=scene.folder)
    assert done.returncode == 0, done.stderr
    return done.stderr, [entry["score"] for entry in scene.recorded()]


@played
def compared(scene: Scene) -> tuple[str, Path, Path]:
    """A study whose command is killed as its jobs run, given again, and then one of its jobs is killed, too.

    What the second command said, the study's folder, and that of the same study on this machine alone.
    """
    scene.pace(15)
    launcher = ["hydra/launcher=slurm", "hydra.launcher.cpus_per_task=1", "hydra.launcher.timeout_min=30"]
    command = scene.study("there", *launcher, output_root="outputs")
    with _playing(command, scene.folder / "first.out") as (first, said):
        until(lambda: "sent to SLURM: 2 jobs, from " in said(), 600, "array")
        until(lambda: len(list(scene.folder.glob("outputs/translation/*/*/metrics.csv"))) == 2, 600, "runs")
        first.kill()
        array = re.search(r"2 jobs, from (\d+)_0 on", said())[1]  # type: ignore[index]
    with _playing(command, scene.folder / "second.out") as (second, said):
        until(lambda: "additive seed=0 began" in said(), 600, "jobs that are found again")
        os.kill(_process_of(array, "1"), signal.SIGKILL)  # by scancel it would be cancelled
        until(lambda: f"died: job {array}_1: FAILED" in said(), 600, "job that died")
        scene.pace(0)
        assert second.wait(600) == 0, said()
    here = scene.study("here", output_root="local")
    done = subprocess.run(here, capture_output=True, text=True, timeout=600, check=False, cwd=scene.folder)
    assert done.returncode == 0, done.stderr
    [there] = (scene.folder / "outputs" / "studies" / "there").iterdir()
    [alone] = (scene.folder / "local" / "studies" / "here").iterdir()
    return said(), there, alone


def _process_of(array: str, task: str) -> int:
    """The Python of a job of an array."""
    wanted = {f"SLURM_ARRAY_JOB_ID={array}".encode(), f"SLURM_ARRAY_TASK_ID={task}".encode(), b"SLURM_PROCID=0"}
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # it has ended
            if wanted <= {*path.read_bytes().split(b"\0")} and b"submitit" in (path.parent / "cmdline").read_bytes():
                return int(path.parent.name)
    raise AssertionError(f"no process of {array}_{task}")


@contextmanager
def _playing(command: list[str], output: Path) -> Iterator[tuple[subprocess.Popen[bytes], Callable[[], str]]]:
    """A command in the folder of its output, and what it has said; at the end, whatever happens, it is over."""
    with output.open("w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, cwd=output.parent)
    try:
        yield process, output.read_text
    finally:
        process.kill()
        process.wait()


@played
def alone(scene: Scene) -> Path:
    """The run that nothing interrupts, by one process."""
    scene.ended(scene.submit("run"))
    return scene.folder / "run"


@played
def together(scene: Scene) -> Path:
    """The same by two processes, each on a node of its own."""
    scene.ended(scene.submit("run", *TWO_NODES))
    assert metrics(scene.folder / "run")["devices"] == "2 x cpu"
    return scene.folder / "run"


def test_two_nodes_train_together_and_go_on_after_a_signal(together: Path, signalled: Path) -> None:
    assert_same_run(together, signalled)


def test_a_cancelled_job_leaves_a_run_that_the_next_one_continues(alone: Path, cancelled: Path) -> None:
    assert_same_run(alone, cancelled)


def test_optuna_is_told_the_scores_of_jobs(studied: tuple[str, list[float]]) -> None:
    said, scores = studied
    assert len(set(scores)) == 2
    assert f"Best value: {min(scores)}" in said


def test_a_study_outlives_its_command_and_a_job_and_comes_to_what_it_does_on_one_machine(
    compared: tuple[str, Path, Path],
) -> None:
    said, there, here = compared
    assert "with SLURM already: 2 jobs" in said
    # The one that died, the test with even attention of the one that learns any, and what both attend to.
    assert re.findall(r"sent to SLURM: (\d+) jobs?, from", said) == ["1", "1", "2"]
    assert there.name == here.name
    assert (there / "results.csv").read_bytes() == (here / "results.csv").read_bytes()
    assert len(list(there.glob("ablations/*.json"))) == 1
    for path in here.glob("ablations/*.json"):
        ablations = [json.loads((each / "ablations" / path.name).read_text()) for each in (here, there)]
        assert all(each.pop("run") for each in ablations)  # which training it is of
        assert ablations[0] == ablations[1]


def test_a_preempted_job_and_one_at_its_time_limit_go_on(alone: Path, moved: Path) -> None:
    assert_same_run(alone, moved)


def test_of_an_array_one_job_dies_and_one_is_put_back_and_goes_on_in_the_same_wandb_run(
    together: Path, arrayed: Path
) -> None:
    assert_same_run(together, arrayed)
    parts = sorted(arrayed.glob("wandb/offline-run-*"))
    assert len(parts) >= 2
    [(run, rows)] = _synced(parts).items()
    assert run == (arrayed / "wandb_id.txt").read_text().strip()
    assert {row["step"] for row in rows if "train/loss" in row} == set(range(1, STEPS + 1))


def _synced(folders: list[Path]) -> dict[str, list[dict[str, Any]]]:
    """What `wandb sync` sends of these folders: of each run, its rows."""
    with wandb_server.running() as server:
        environment = {**os.environ, "WANDB_BASE_URL": server.url, "WANDB_API_KEY": "0123456789" * 4}
        command = [str(Path(sys.executable).with_name("wandb")), "sync", *map(str, folders)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return server.histories
