"""A sweep of small runs under `hydra/launcher=local` against one after another, of one thread each on two cores."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from attnlab.runs import run_folder
from benchmarks.ratios import ratio
from benchmarks.report import Row
from benchmarks.runner import UnequalOutputs

TARGET = 0.55
CORES = 2
RUNS = 32
SMALL = (
    "task=image_classification",
    "trainer=cpu",
    "trainer.threads=1",
    "trainer.max_steps=100",
    "trainer.val_check_interval=50",
    "trainer.limit_val_batches=8",
    "trainer.limit_test_batches=8",
    "trainer.enable_progress_bar=false",
    "callbacks=none",
    "logger=csv",
)
IN_TURN, SIDE_BY_SIDE = "basic", "local"


def run(*, rounds: int, only: Sequence[str] | None, runs: int = RUNS, overrides: Sequence[str] = SMALL) -> list[Row]:
    """One row: the ratio of wall times, of sweeps whose runs are checked equal to the last bit."""
    if only is not None:
        raise SystemExit("error: this measures no mechanisms, got --only (drop it)")
    cores = sorted(os.sched_getaffinity(0))[:CORES]
    seconds: dict[str, list[float]] = {IN_TURN: [], SIDE_BY_SIDE: []}
    with tempfile.TemporaryDirectory() as place:
        for number in range(rounds):
            order = (IN_TURN, SIDE_BY_SIDE) if number % 2 == 0 else (SIDE_BY_SIDE, IN_TURN)
            for launcher in order:
                folder = Path(place, launcher)
                shutil.rmtree(folder, ignore_errors=True)
                seconds[launcher].append(_sweep(folder, launcher, cores, [*overrides, f"seed=range({runs})"]))
                print(f"{launcher}: {seconds[launcher][-1]:.1f} s", file=sys.stderr)
            check_same(Path(place, IN_TURN), Path(place, SIDE_BY_SIDE), runs=runs)
    against = ratio(seconds[SIDE_BY_SIDE], seconds[IN_TURN])
    return [
        {
            "mechanism": "sweep",
            "measure": "time",
            "runs": runs,
            "cores": len(cores),
            "peer": "one after another",
            "ratio": against.median,
            "low": against.low,
            "high": against.high,
            "target": TARGET,
            "holds": against.holds(TARGET),
            "wall_s": min(seconds[SIDE_BY_SIDE]),
            "peer_wall_s": min(seconds[IN_TURN]),
        }
    ]


def _sweep(folder: Path, launcher: str, cores: Sequence[int], overrides: Sequence[str]) -> float:
    """Seconds that the whole command takes, its imports included."""
    command = [sys.executable, "-m", "attnlab", "train", "-m", f"hydra/launcher={launcher}", *overrides]
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(
            [*command, f"output_root={folder}"],
            stdout=said,
            stderr=subprocess.STDOUT,
            check=False,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )
        said.seek(0)
        if done.returncode:
            raise SystemExit(said.read())
    return time.perf_counter() - began


def check_same(one: Path, other: Path, *, runs: int) -> None:
    """Raise UnequalOutputs unless both sweeps left the same runs, with the same weights, scores and predictions."""
    found = [sorted(path.parent.relative_to(root) for path in root.glob("*/*/*/metrics.json")) for root in (one, other)]
    if found[0] != found[1] or len(found[0]) != runs:
        raise UnequalOutputs(f"{len(found[0])} and {len(found[1])} finished runs of {runs}")
    for name in found[0]:
        mine, theirs = one / name, other / name
        weights = [_weights(each) for each in (mine, theirs)]
        scores = [(run_folder.finished(each) or {})["test"] for each in (mine, theirs)]
        said = [(each / "predictions.jsonl").read_bytes() for each in (mine, theirs)]
        equal = all(torch.equal(value, weights[1][key]) for key, value in weights[0].items())
        if not equal or scores[0] != scores[1] or said[0] != said[1]:
            raise UnequalOutputs(f"the runs in {name} differ")


def _weights(run: Path) -> dict[str, torch.Tensor]:
    stored = torch.load(run / "checkpoints" / "last.ckpt", map_location="cpu", weights_only=True)
    weights: dict[str, torch.Tensor] = stored["state_dict"]
    return weights
