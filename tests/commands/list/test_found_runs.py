"""What `attnlab list runs` knows of each run, from what its folder, sweeps and studies have on record."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from attnlab.commands import cli
from attnlab.commands.list.found_runs import listed_runs
from attnlab.files import locked

CONFIG = {
    "seed": 3,
    "run_path": "ner/a/hash",
    "model": {"attention": {"_target_": "x.MultiHeadAttention", "core": {"_target_": "x.ScaledDotAttention"}}},
    "verdict": {"metric": "f1", "margins": {"f1": 0.02, "loss": 0.02}},
}
METRICS = {
    "task": "ner",
    "test": {"loss": 0.5, "precision": 0.25, "f1": 0.75},
    "best": {"monitor": "val/f1", "score": 0.5},
    "attention_slots": {"sentence": "additive"},
}


def _run(name: str, *, metrics: Any = None, at: float = 1000.0, **config: Any) -> Path:
    folder = Path("outputs/ner/a", name)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(CONFIG | config))
    if metrics is not None:
        (folder / "metrics.json").write_text(json.dumps(metrics))
    for path in folder.iterdir():
        os.utime(path, (at, at))
    return folder


def _write(path: str, content: Any) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(json.dumps(content))


def test_each_run_says_what_it_is_and_what_became_of_it() -> None:
    _run("done", metrics=METRICS)
    _run("begun", run_path="translation/a/begun")
    _run("torn", metrics={"test": 3})
    config = _run("cut", metrics=METRICS) / "config.json"
    config.write_text(config.read_text()[:-7])
    _run("both", metrics=METRICS | {"attention_slots": {"encoder": "dot", "cross": "additive"}})
    _run("diverged")
    _run("again", metrics=METRICS)  # failed once, and finished since
    _run("died")
    for number, (name, status) in enumerate([("diverged", "diverged"), ("again", "failed"), ("begun", "running")]):
        where = str(Path("outputs/ner/a", name).absolute())
        _write(f"outputs/sweeps/today/{number}.json", {"status": status, "output_dir": where, "overrides": []})
    for number, place in enumerate(["a\0b", "half \ud800", 3, None], start=3):  # what no folder is called
        _write(f"outputs/sweeps/today/{number}.json", {"status": "failed", "output_dir": place, "overrides": []})
    job = {"arm": "uniform", "seed": 3, "folder": "gone/ner/a/died"}
    jobs = [job, {"arm": 3}, 4, job | {"folder": "a\0b"}]
    _write("outputs/studies/mine/abc/plan.json", {"folder": "gone/studies/mine/abc", "jobs": jobs})
    _write("outputs/studies/mine/abc/jobs/died.json", job | {"status": "died", "error": "it was killed", "deaths": 3})
    runs = {run.folder.name: run for run in listed_runs(Path("outputs"))}
    states = {name: run.state for name, run in runs.items()}
    assert states == {
        "again": "finished", "begun": "unfinished", "both": "finished", "cut": "damaged", "died": "failed",
        "diverged": "failed",
        "done": "finished", "torn": "damaged",
    }  # fmt: skip
    assert runs["done"].scores == {"f1": 0.75, "loss": 0.5}
    assert list(runs["done"].scores) == ["f1", "loss"]
    assert (runs["done"].task, runs["done"].seed, runs["done"].mechanism) == ("ner", 3, "additive")
    assert runs["both"].mechanism == "encoder=dot cross=additive"
    assert runs["begun"].mechanism == "scaled_dot"
    assert runs["died"].arm == "mine/uniform"
    assert [run.folder.name for run in listed_runs(Path("outputs"), task="translation")] == ["begun"]
    assert {run.folder.name: run.state for run in listed_runs(Path("outputs/ner"))} == states


def test_what_a_run_is_asked_for_has_the_names_that_choose_it() -> None:
    model: dict[str, Any] = {"attention": {"core": {"_target_": "x.ScaledDotAttention"}}}
    model["feature_attention"] = {"_target_": "x.GlobalContextFeatureAttention"}
    _run("begun", model=model)
    (run,) = listed_runs(Path("outputs"))
    assert run.mechanism == "feature_attention=global_context attention=scaled_dot"


def test_a_run_that_trains_now_is_running_and_asking_lets_it_train() -> None:
    folder = _run("now")
    with locked(folder):
        assert [run.state for run in listed_runs(Path("outputs"))] == ["running"]
    assert [run.state for run in listed_runs(Path("outputs"))] == ["unfinished"]
    with locked(folder):
        pass


def test_the_command_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    _run("3fa", metrics=METRICS)
    assert cli.main(["list", "runs"]) == 0
    assert "  3fa  finished" in capsys.readouterr().out
    assert cli.main(["list", "runs", "outputs/ner", "--task", "ner", "--json"]) == 0
    [run] = json.loads(capsys.readouterr().out)
    assert run["folder"] == "outputs/ner/a/3fa"
    assert (run["state"], run["scores"]["f1"]) == ("finished", 0.75)
    assert cli.main(["list", "runs", "--task", "translation"]) == 2
    assert capsys.readouterr().err.startswith("error: no run of task=translation is there, got outputs (")
