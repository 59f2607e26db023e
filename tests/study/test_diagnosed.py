"""Scores of attention stand beside those of the test, as long as they are of that run."""

import json
from pathlib import Path
from typing import Any

import pytest
from tiny_compared import write_run

from attnlab.commands import cli
from attnlab.errors import UserError
from attnlab.metrics.records.contract import DIAGNOSTICS, DIAGNOSTICS_BY_EXAMPLE, run_of
from attnlab.study.comparing.comparison import compared
from attnlab.study.records import read_records

SCORE = {"rule": "ratio_of_means", "of": "deletion", "part": ""}


def _diagnose(folder: Path, *, gain: float, **changed: Any) -> Path:
    """As if the run had been diagnosed: `gain` and a little more from example to example, of 2."""
    ids = read_records(folder).ids.tolist()
    rows = [[gain + 0.01 * (number % 5), 1, 2.0 if number < 7 else 0.0, float(number < 7)] for number in ids]
    score = sum(row[0] for row in rows) / len(rows) / 2
    head = {"schema": 1, "examples": len(ids), "clusters": None, "scores": {"deletion": SCORE}}
    lines = [head, *({"id": number, "cluster": number, "deletion": row} for number, row in zip(ids, rows, strict=True))]
    (folder / DIAGNOSTICS_BY_EXAMPLE).write_text("".join(json.dumps(line) + "\n" for line in lines))
    said = {"scores": {"deletion": score}, "signatures": {"deletion": "version:1"}, "without": None}
    of = run_of(json.loads((folder / "metrics.json").read_text()))
    (folder / DIAGNOSTICS).write_text(json.dumps(said | {"of": of} | changed))
    return folder


def test_deletion_is_a_score_like_any_other(tmp_path: Path) -> None:
    records = read_records(_diagnose(write_run(tmp_path / "a"), gain=1.0))
    score, without = records.scorer("deletion").leave_one_out()
    assert score == pytest.approx(records.reported["deletion"])
    assert without.shape == records.ids.shape
    assert records.scorer("accuracy").leave_one_out()[0] == pytest.approx(records.reported["accuracy"])
    assert records.metrics["signatures"]["deletion"] == "version:1"


def test_runs_are_judged_by_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for attention, gain in (("uniform", 0.0), ("additive", 1.0)):
        for seed in range(5):
            _diagnose(write_run(tmp_path / f"{attention}{seed}", attention, seed=seed), gain=gain + 0.01 * seed)
    found = compared([[tmp_path]], metric="deletion")
    assert found.asked.better == "max"
    assert found.judgement.of["additive"].finding == "better"
    assert cli.main(["compare", str(tmp_path), "--metric", "deletion", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert all(run["score"] is not None for group in said["groups"].values() for run in group["runs"])


def test_arms_without_a_map_are_left_out(tmp_path: Path) -> None:
    for attention, gain in (("scaled_dot", 0.0), ("additive", 1.0)):
        for seed in range(5):
            _diagnose(write_run(tmp_path / f"{attention}{seed}", attention, seed=seed), gain=gain + 0.01 * seed)
            write_run(tmp_path / f"uniform{seed}", seed=seed)
    found = compared([[tmp_path]], metric="deletion")
    assert {group.name for group in found.groups} == {"scaled_dot", "additive"}
    assert len(found.left_out) == 5
    assert set(found.left_out.values()) == {
        "it has no deletion of maps, which attnlab evaluate RUN --diagnose measures"
    }


def test_without_it_how_to_measure_it_is_said(tmp_path: Path) -> None:
    for seed in range(2):
        write_run(tmp_path / f"a{seed}", seed=seed)
        write_run(tmp_path / f"b{seed}", "additive", seed=seed)
    with pytest.raises(UserError, match=r"got deletion: .*attnlab evaluate RUN --diagnose"):
        compared([[tmp_path]], metric="deletion")


def test_what_was_measured_of_an_earlier_run_in_the_folder_is_passed_over(tmp_path: Path) -> None:
    folder = _diagnose(write_run(tmp_path / "a"), gain=1.0, of={"steps": 1})
    assert "deletion" not in read_records(folder).scores


def test_why_there_is_no_score_is_kept(tmp_path: Path) -> None:
    folder = _diagnose(write_run(tmp_path / "a"), gain=1.0, scores={}, signatures={}, without="no one map")
    assert read_records(folder).without["deletion"] == "no one map"


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"scores": {"deletion": "much"}, "signatures": {}, "of": {}}'])
def test_a_damaged_file_is_one_line(tmp_path: Path, content: str) -> None:
    folder = write_run(tmp_path / "a")
    (folder / DIAGNOSTICS).write_text(content)
    with pytest.raises(UserError, match=r"must be what attnlab evaluate RUN --diagnose writes, got .*diagnostics.json"):
        read_records(folder)


def test_examples_of_another_test_are_refused(tmp_path: Path) -> None:
    folder = _diagnose(write_run(tmp_path / "a"), gain=1.0)
    path = folder / DIAGNOSTICS_BY_EXAMPLE
    path.write_text(path.read_text().replace('{"id": 3,', '{"id": 333,'))
    with pytest.raises(UserError, match="must be of the test's examples"):
        read_records(folder)
