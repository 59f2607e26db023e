"""Which runs are found, and what is said of those that don't count."""

import json
from pathlib import Path

import pytest
from tiny_compared import write_record, write_run, write_study_folder

from attnlab.config.identity import config_of_today, run_hash
from attnlab.errors import UserError
from attnlab.reporting.reasons import in_chinese
from attnlab.study.comparing.found_runs import found_runs


def test_every_finished_run_below_a_folder_is_found_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parent)
    one, other = (write_run(tmp_path / "outputs" / "task" / name, seed=7) for name in "ab")
    write_run(one / "earlier" / "1", seed=7)
    found = found_runs([tmp_path, one, one.parent])
    assert [(run.folder, run.seed, run.failed) for run in found.runs] == [(one, 7, False), (other, 7, False)]
    monkeypatch.chdir(tmp_path)
    assert [run.folder for run in found_runs([Path("outputs"), one]).runs] == [
        folder.relative_to(tmp_path) for folder in (one, other)
    ]


def test_an_unfinished_run_is_left_out_and_one_that_failed_in_a_sweep_counts(tmp_path: Path) -> None:
    runs = {name: write_run(Path(name), right=None) for name in "abc"}
    finished = write_run(Path("d"))
    found = found_runs([tmp_path])
    assert [run.folder for run in found.runs] == [finished]
    assert set(found.left_out) == set(runs.values())
    record = write_record(
        Path("sweeps", "now"),
        {
            "0 diverged": runs["a"].absolute(),
            "1 died": runs["b"],
            "2 running": runs["c"],
            "3 failed": finished,  # a later command finished it
            "4 refused": None,
            "5 finished": Path("gone"),
        },
    )
    for places in ([record], [tmp_path], [record, Path()]):
        found = found_runs(places)
        assert {run.folder: run.failed for run in found.runs} == {runs["a"]: True, runs["b"]: True, finished: False}
        assert set(found.left_out) == {runs["c"], record / "4.json", record / "5.json"}
    assert "isn't finished" in found.left_out[runs["c"]]
    assert found.left_out[record / "4.json"] == "a run that was refused"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", "{}", '{"seed": 1}', "[" * 100_000, "\xff", "NODES", "TRAINER"],
)
def test_a_damaged_configuration_is_named_with_what_to_do(text: str, tmp_path: Path) -> None:
    run = write_run(Path("a"))
    config = json.loads((run / "config.json").read_text())
    changed = {"NODES": config | {"callbacks": []}, "TRAINER": config | {"seed": "1"}}
    text = json.dumps(changed[text]) if text in changed else text
    (run / "config.json").write_text(text, encoding="latin-1")
    found = found_runs([tmp_path])
    assert not found.runs
    [why] = found.left_out.values()
    assert why.startswith("config.json must be a run's configuration, got ")
    assert "a/config.json" in why
    assert why.endswith("(train it anew with fresh=true, or leave it out)")


def test_what_a_sampler_ended_early_says_so(tmp_path: Path) -> None:
    run = write_run(Path("a"), right=None)
    found = found_runs([write_record(tmp_path / "sweep", {"0 pruned": run}), tmp_path])
    assert found.left_out == {run: "its sweep ended it early: how good it would have been isn't known"}


def test_what_is_no_run_is_left_out_and_what_has_none_refused(tmp_path: Path) -> None:
    Path("other").mkdir()
    Path("other", "config.json").write_text('{"model_type": "bert"}')
    damaged = write_run(Path("damaged"))
    (damaged / "metrics.json").write_text("{")
    found = found_runs([tmp_path])
    assert not found.runs
    assert "got another at other/config.json" in found.left_out[Path("other")]
    assert "damaged/metrics.json" in found.left_out[damaged]
    (tmp_path / "empty").mkdir()
    for place, said in (("empty", "no run is there to be compared, got"), ("nosuch", "no such folder, got")):
        with pytest.raises(UserError, match=said):
            found_runs([tmp_path / place])


def test_a_run_whose_configuration_was_changed_since_is_left_out(tmp_path: Path) -> None:
    run, other, earlier = (write_run(Path(name)) for name in "abc")
    for folder, results, changed in ((run, 3, {}), (other, 3, {"seed": 7}), (earlier, 2, {"seed": 7})):
        path = folder / "config.json"
        config = json.loads(path.read_text())
        named = f"ner/a/{run_hash(config_of_today(config | {'results': 3}), results=3)}"
        path.write_text(json.dumps(config | {"run_path": named, "results": results} | changed))
        metrics = json.loads((folder / "metrics.json").read_text())
        (folder / "metrics.json").write_text(json.dumps(metrics | {"results": results}))
    found = found_runs([tmp_path])
    assert [each.folder for each in found.runs] == [run, earlier]
    assert "config.json isn't the configuration that it was trained with, which has the hash" in found.left_out[other]
    assert "put config.json back" in found.left_out[other]
    assert in_chinese(found.left_out[other]).startswith("它的 config.json 不是训练时的配置：哈希原为 ")


def test_a_trial_of_tuning_is_left_out(tmp_path: Path) -> None:
    run, trial = write_run(Path("a")), write_run(Path("b"))
    metrics = json.loads((trial / "metrics.json").read_text())
    (trial / "metrics.json").write_text(json.dumps(metrics | {"test": {}}))
    found = found_runs([tmp_path])
    assert [each.folder for each in found.runs] == [run]
    assert found.left_out[trial] == "it has no score of a test, as trials of tuning"


@pytest.mark.parametrize(
    "status, why",
    [("out of memory", "the machine's fault and no result"), ("interrupted", "its command goes on with it")],
)
def test_what_is_no_result_of_a_sweep_never_counts_as_failed_and_says_why(
    status: str, why: str, tmp_path: Path
) -> None:
    run, again, failed = write_run(Path("a"), right=None), write_run(Path("b")), write_run(Path("c"), right=None)
    ended = {f"0 {status}": run, f"1 {status}": again, f"2 {status}": failed}
    first = write_record(tmp_path / "first", ended)
    found = found_runs([first, write_record(tmp_path / "second", {"0 diverged": failed})])
    assert {each.folder: each.failed for each in found.runs} == {again: False, failed: True}
    [(folder, said)] = found.left_out.items()
    assert folder == run
    assert why in said


def test_the_study_is_known_that_planned_all_runs_and_no_other(tmp_path: Path) -> None:
    root = Path("outputs")
    runs = [write_run(root / "task" / "run" / name, seed=seed) for seed, name in enumerate("ab")]
    study = write_study_folder(root, runs, arms=["dot", "uniform"], control="dot", metric="accuracy", margin=0.2)
    for places in ([study], [root], [study.parent, runs[0]]):
        found = found_runs(places)
        assert found.study is not None
        assert found.study._replace(jobs=()) == ("small", (), "dot", "accuracy", 0.2)
        assert found.arms == dict(zip(runs, ("dot", "uniform"), strict=True))
    other = write_run(root / "task" / "run" / "c", seed=7)
    assert found_runs([study, other]).study is None
    assert found_runs([runs[0]]).study is None
