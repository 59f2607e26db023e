"""Which runs are found, and what is said of those that don't count."""

from pathlib import Path

import pytest
from tiny_compared import write_record, write_run

from attnlab.errors import UserError
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


def test_what_is_no_run_is_left_out_and_what_has_none_refused(tmp_path: Path) -> None:
    Path("other").mkdir()
    Path("other", "config.json").write_text('{"model_type": "bert"}')
    damaged = write_run(Path("damaged"))
    (damaged / "metrics.json").write_text("{")
    found = found_runs([tmp_path])
    assert not found.runs
    assert found.left_out[Path("other")] == "config.json isn't a run's"
    assert "is damaged" in found.left_out[damaged]
    (tmp_path / "empty").mkdir()
    for place, said in (("empty", "no run is there to be compared, got"), ("nosuch", "no such folder, got")):
        with pytest.raises(UserError, match=said):
            found_runs([tmp_path / place])
