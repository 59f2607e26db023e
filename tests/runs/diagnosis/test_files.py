"""A diagnosis is written where the run's own test was diagnosed, and nowhere else."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from tiny_runs import EXAMPLES, finished_run

from attnlab.metrics.records.contract import DIAGNOSTICS, DIAGNOSTICS_BY_EXAMPLE, Records, Score
from attnlab.runs.diagnosis import files
from attnlab.runs.diagnosis.diagnose import Diagnosis
from attnlab.study.records import read_records

DATA = SimpleNamespace(checksum="abc", test_checksum=None, clusters={})


def _found(num: int) -> Diagnosis:
    rows = {number: {"deletion": [0.5, 1.0, 1.0, 1.0]} for number in range(num)}
    records = Records(rows, {"deletion": Score("ratio_of_means", "deletion")})
    return Diagnosis(num, {}, (), None, None, None, records)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return finished_run(tmp_path, [1] * EXAMPLES, seed=0, test_examples={"scored": EXAMPLES, "of": EXAMPLES})


def test_it_is_of_the_run_that_it_stands_beside(run: Path) -> None:
    assert files.write(run, _found(EXAMPLES), DATA)  # type: ignore[arg-type]
    said = json.loads((run / DIAGNOSTICS).read_text())
    assert said["of"]["data"] == "abc"
    assert len((run / DIAGNOSTICS_BY_EXAMPLE).read_text().splitlines()) == 1 + EXAMPLES
    assert read_records(run).ids.tolist() == list(range(EXAMPLES))


def test_part_of_a_test_or_another_is_not_the_runs(run: Path, tmp_path: Path) -> None:
    other = SimpleNamespace(checksum="def", test_checksum="tested", clusters={})
    assert not files.write(run, _found(3), DATA)  # type: ignore[arg-type]
    assert not files.write(run, _found(EXAMPLES), other)  # type: ignore[arg-type]
    assert not files.write(tmp_path / "none.ckpt", _found(EXAMPLES), DATA)  # type: ignore[arg-type]
    assert not (run / DIAGNOSTICS).exists()


def test_a_test_that_is_read_without_the_rest_is_the_runs(run: Path) -> None:
    record = json.loads((run / "metrics.json").read_text())
    record["data"]["test_checksum"] = "tested"
    (run / "metrics.json").write_text(json.dumps(record))
    alone = SimpleNamespace(checksum="tested", test_checksum="tested", clusters={})
    assert files.write(run, _found(EXAMPLES), alone)  # type: ignore[arg-type]
    assert json.loads((run / DIAGNOSTICS).read_text())["of"]["data"] == "abc"
