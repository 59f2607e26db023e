"""Scores, costs and receipts as files."""

import csv
import json
from pathlib import Path

import pytest
from tiny_results import made_results

from attnlab.study.result_files import write_ablations, write_costs, write_receipts, write_results
from attnlab.study.running import Results


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return made_results(tmp_path_factory.mktemp("study"))


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_scores_stand_by_arm_seed_and_metric_and_read_back_the_same(tmp_path: Path, results: Results) -> None:
    write_results(results, tmp_path / "results.csv")
    rows = _rows(tmp_path / "results.csv")
    assert [(row["arm"], row["seed"]) for row in rows] == [
        (name, str(seed)) for name in ("uniform", "additive", "none") for seed in range(5)
    ]
    reported = [run.reported["accuracy"] for run in results.judgement.groups["additive"].runs]
    assert [float(row["score"]) for row in rows[5:10]] == reported
    assert list(rows[-1].values()) == ["none", "4", "diverged", "", ""]
    assert "12.3" not in (tmp_path / "results.csv").read_text()


def test_each_run_without_its_attention_stands_beside_itself(tmp_path: Path, results: Results) -> None:
    write_ablations(results, tmp_path / "ablations.csv")
    assert [list(row.values()) for row in _rows(tmp_path / "ablations.csv")] == [
        ["additive", "0", "accuracy", "0.9", "0.3", str(0.3 - 0.9), ""],
        ["additive", "1", "accuracy", "0.9", "0.5", str(0.5 - 0.9), ""],
        ["none", "0", "accuracy", "", "", "", "it has none"],
    ]


def test_costs_and_receipts_are_of_runs_that_finished(tmp_path: Path, results: Results) -> None:
    write_costs(results, tmp_path / "costs.csv")
    write_receipts(results, tmp_path / "receipts.json")
    costs = _rows(tmp_path / "costs.csv")
    assert len(costs) == 14
    assert (costs[0]["train_seconds"], costs[0]["per_second"], costs[0]["flops_training"]) == ("12.3", "4.5", "21000")
    assert costs[-1]["flops_forward"] == ""
    receipts = json.loads((tmp_path / "receipts.json").read_text())
    assert len(receipts) == 14
    for key in ("command", "config", "results", "commit", "lock", "data", "hardware"):
        assert receipts[0][key] is not None, key
