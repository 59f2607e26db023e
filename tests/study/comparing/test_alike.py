"""Runs that were tested otherwise aren't compared, and each seed of a configuration counts once."""

from pathlib import Path
from typing import Any

import pytest
from tiny_compared import write_record, write_run, write_runs

from attnlab.study.comparing.alike import each_once, kept_alike, scored_otherwise
from attnlab.study.comparing.found_runs import found_runs


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"task": "ner"}, "task ner for image_classification"),
        ({"results": 2}, "results 2 for 3"),
        ({"data": {"checksum": "abcdefghijklmnop"}}, "data with the checksum abcdefghijkl for abc"),
        ({"test_examples": {"scored": 5, "of": 9}}, "number of test examples 5 for None"),
    ],
)
def test_the_most_that_were_kept_alike_are_kept(tmp_path: Path, changed: dict[str, Any], said: str) -> None:
    other = write_run(Path("first"), "dot", record=changed)
    write_runs(tmp_path, "uniform", seeds=range(2))
    kept = kept_alike(found_runs([other, tmp_path]).runs)
    assert [run.folder.name for run in kept.runs] == ["uniform0", "uniform1"]
    assert kept.left_out == {other: f"it was tested otherwise: {said}"}


def test_a_failed_run_stays_with_its_configuration_or_its_data(tmp_path: Path) -> None:
    write_run(Path("a", "done"), "uniform", seed=1)
    failed = {
        "0 failed": write_run(Path("a", "beside"), "uniform", right=None),
        "1 failed": write_run(Path("a", "alone"), "dot", right=None),
        "2 failed": write_run(Path("a", "other"), "dot", right=None, data___target_="attnlab.data.Cifar10"),
    }
    kept = kept_alike(found_runs([write_record(tmp_path / "sweep", failed), Path("a")]).runs)
    assert {run.folder.name for run in kept.runs} == {"done", "beside", "alone"}
    assert list(kept.left_out) == [failed["2 failed"]]


def test_a_failure_of_other_results_is_none_of_todays(tmp_path: Path) -> None:
    write_run(Path("a", "done"), seed=1)
    failed = {f"{number} failed": write_run(Path("a", str(number)), seed=number, right=None) for number in (2, 3)}
    config = Path("a", "2", "config.json")
    config.write_text(config.read_text().replace('"results": 3', '"results": 2'))
    kept = kept_alike(found_runs([write_record(tmp_path / "sweep", failed), Path("a")]).runs)
    assert {run.folder.name for run in kept.runs} == {"done", "3"}
    assert kept.left_out == {Path("a", "2"): "it failed, computing results 2 for 3"}


def test_a_seed_that_was_run_twice_counts_once_and_finished(tmp_path: Path) -> None:
    again = write_run(Path("a", "again"), seed=1, data__root="there")
    failed = write_run(Path("a", "failed"), seed=1, right=None)
    done = write_run(Path("a", "done"), seed=1)
    kept = each_once(found_runs([write_record(tmp_path / "sweep", {"0 died": failed}), done, again]).runs)
    assert [run.folder for run in kept.runs] == [done]
    assert kept.left_out == dict.fromkeys((failed, again), "its configuration and its seed 1 are those of a/done")


@pytest.mark.parametrize(
    "name, metric, odd",
    [
        ("accuracy", "accuracy", True),
        ("acc", "accuracy", True),
        ("images", "accuracy", True),
        ("loss", "accuracy", False),
    ],
)
def test_a_score_that_was_computed_otherwise_is_told_of_each_run(
    name: str, metric: str, odd: bool, tmp_path: Path
) -> None:
    tested = {"accuracy": 0.5, "loss": 1.0}
    for seed, version in enumerate(("2.3", "2.4", "2.4")):
        record = {"test": tested, "signatures": {name: f"lib|version:{version}|mode:strict"}}
        write_run(tmp_path / str(seed), seed=seed, record=record)
    found = scored_otherwise(found_runs([tmp_path]).runs, metric)
    said = "its accuracy was computed otherwise: version:2.3 for version:2.4"
    assert found == ({Path("0"): said} if odd else {})
