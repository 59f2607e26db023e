"""Whatever somebody has done to the records of a run, a command that reads them answers, or says why not in a line."""

import json
import random
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tampered_runs import put, tamper
from tiny_compared import write_record, write_runs, write_study_folder
from tiny_maps import answered_run

from attnlab.commands import cli

pytestmark = pytest.mark.filterwarnings("ignore")

JUDGED = (["list", "runs", "."], ["compare", "."], ["compare", ".", "--json"], ["compare", "outputs/a/b/dot0"])
SHOWN = (["view", "run", "--out", "page.html"], ["figures", "run", "--num", "1", "--format", "png"])


def _check(command: list[str], capsys: pytest.CaptureFixture[str], what: str) -> None:
    status = cli.main(command)
    printed = capsys.readouterr()
    assert status in (0, 2), what
    assert status == 0 or printed.err.splitlines()[-1].startswith("error: "), what
    assert "\x1b" not in printed.out + printed.err, what


PLAN, STATE = "studies/small/0123456789/plan.json", "studies/small/0123456789/jobs/dot0.json"
DOT0 = "a/b/dot0"


@pytest.fixture
def outputs() -> Path:
    """Four runs, a sweep's record and a study's plan of them."""
    root = Path("outputs")
    runs = [run for attention in ("dot", "uniform") for run in write_runs(root / "a/b", attention, seeds=range(2))]
    write_record(root / "sweeps/now", {"0 diverged": runs[0], "1 finished": runs[1]})
    write_study_folder(root, runs, arms=["dot", "dot", "uniform", "uniform"], control="dot")
    (root / STATE).write_text('{"status": "failed", "error": "it says why", "deaths": 0}')
    return root


@pytest.mark.parametrize(
    "name, keys, value, line",
    [
        (f"{DOT0}/metrics.json", "test.accuracy", 10**400, 0),
        (f"{DOT0}/metrics.json", "seed", 10**30, 0),
        (f"{DOT0}/config.json", "verdict.margins.accuracy", 10**400, 0),
        (f"{DOT0}/examples.jsonl", "id", 10**30, 3),
        (f"{DOT0}/examples.jsonl", "accuracy.0", 10**400, 3),
        (PLAN, "jobs.0.folder", "a\0b", 0),
        (PLAN, "jobs.0.folder", "half \ud800", 0),
        (PLAN, "margin", 10**400, 0),
        (STATE, "deaths", float("inf"), 0),
        ("sweeps/now/0.json", "output_dir", "a\0b", 0),
    ],
    ids=["score", "seed", "margin", "id", "statistics", "folder", "half", "planned", "deaths", "sweep"],
)
def test_a_value_that_none_can_have_is_no_traceback(
    name: str, keys: str, value: Any, line: int, outputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(outputs / name, keys, value, line=line)
    for command in JUDGED:
        _check(command, capsys, keys)


def test_runs_are_judged_or_left_out(outputs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outputs.rename("whole")
    records = [*(f"{DOT0}/{name}" for name in ("metrics.json", "config.json", "examples.jsonl")), PLAN, STATE]
    for seed in range(25):
        shutil.rmtree(outputs, ignore_errors=True)
        shutil.copytree("whole", outputs)
        what = tamper(outputs / random.Random(seed).choice([*records, "sweeps/now/0.json"]), seed)
        _check(random.Random(-seed).choice(JUDGED), capsys, what)


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """A run of translation with its records."""
    run = answered_run(tmp_path / "run", "translation")
    metrics = {"task": "translation", "name": "a", "seed": 3, "test": {"loss": 2.5}, "steps": 4}
    metrics |= {"best": {"monitor": "val/loss", "score": 2.0}, "attention_slots": {"cross": "dot"}}
    (run / "metrics.json").write_text(json.dumps(metrics | {"warnings": [{"kind": "x", "message": "only some"}]}))
    (run / "metrics.csv").write_text("step,metric,value\n4,train/loss,3.5\n4,val/loss,2.5\n8,val/loss,2.0\n")
    return run


def test_a_run_is_shown_as_far_as_its_records_go(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(finished, "whole")
    cases: list[Callable[[], object]] = [
        lambda: put(Path("run/predictions.jsonl"), "details", {}),
        lambda: put(Path("run/metrics.json"), "best.score", 10**400),
        lambda: Path("run/metrics.csv").write_text(f"step,metric,value\n4,{'x' * 200_000},1\n8,val/loss,2\n"),
        partial(tamper, Path("run/predictions.jsonl"), 1),
    ]
    for number, change in enumerate(cases):
        shutil.rmtree("run")
        shutil.copytree("whole", "run")
        change()
        _check(SHOWN[number == 0], capsys, str(number))
