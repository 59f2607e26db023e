"""A comparison as JSON."""

import json
from pathlib import Path

from tiny_compared import write_runs

from attnlab.study.comparing.comparison import compared
from attnlab.study.comparing.comparison_record import comparison_record


def test_every_number_is_there_or_null_and_of_the_runs_themselves(tmp_path: Path) -> None:
    for attention in ("dot", "uniform"):
        write_runs(tmp_path, attention, seeds=range(2))
    found = comparison_record(compared([[tmp_path]], metric="accuracy"))
    record = json.loads(json.dumps(found, allow_nan=False))
    assert (record["metric"], record["better"], record["margin"], record["exploratory"]) == (
        "accuracy",
        "max",
        0.05,
        True,
    )
    verdict = record["verdicts"]["dot"]
    assert (verdict["finding"], verdict["effect"], verdict["p_holm"]) == ("no verdict", None, None)
    assert verdict["variances"] is None
    for run in record["groups"]["dot"]["runs"]:
        assert run["score"] == json.loads(Path(run["folder"], "metrics.json").read_text())["test"]["accuracy"]
    [difference] = record["differences"]["dot"]
    assert (difference["kind"], difference["arm"]) == ("mechanism", "attnlab.attention.DotAttention")


def test_values_that_json_has_not_are_text(tmp_path: Path) -> None:
    write_runs(tmp_path / "a", "dot", seeds=range(2))
    write_runs(tmp_path / "b", "dot", seeds=range(2), model__dim=[float("nan"), 1])
    record = json.loads(json.dumps(comparison_record(compared([[tmp_path]])), allow_nan=False))
    [[difference]] = record["differences"].values()
    assert (difference["arm"], difference["control"]) == (["nan", 1], 8)
