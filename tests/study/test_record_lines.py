"""A file of records is read whole, or refused with one line that says where it is damaged."""

import json
from pathlib import Path
from typing import Any

import pytest

from attnlab.errors import UserError
from attnlab.metrics.records.contract import Score
from attnlab.study import record_lines
from attnlab.study.record_lines import read_lines

SCORES = {
    "loss": {"rule": "mean", "of": "loss", "part": ""},
    "f1_cat": {"rule": "f1", "of": "classes", "part": "cat"},
    "ap": {"rule": "ap", "of": "boxes", "part": ""},
    "ece": {"rule": "calibration_error", "of": "bins", "part": ""},
}
HEAD = {"schema": 1, "examples": 2, "clusters": "chapter", "scores": SCORES, "without": {"x": "why"}, "of_run": {}}
BOXES = {"cat": {"objects": [1, 1, 0, 0], "found": [[0.5, "1", "1111100000", "-", "-"]]}}
EXAMPLE: dict[str, Any] = {"cluster": "Ruth 1", "loss": [2.5, 3], "classes": {"cat": [1, 0, 0]}, "boxes": BOXES}
EXAMPLE["bins"] = [3.0, 0.25, 1]
LINES = [HEAD, {"id": 4, **EXAMPLE}, {"id": 7, **EXAMPLE}]


def _write(path: Path, lines: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_records_are_read_with_what_their_examples_stand_in(tmp_path: Path) -> None:
    found = read_lines(_write(tmp_path / "examples.jsonl", LINES), known=["loss", "ap"])
    assert found.records.scores == {"loss": Score("mean", "loss"), "ap": Score("ap", "boxes")}
    assert found.records.examples == {number: {"loss": [2.5, 3], "boxes": BOXES} for number in (4, 7)}
    assert found.records.without == {"x": "why"}
    assert (found.clusters, found.cluster_kind) == (["Ruth 1", "Ruth 1"], "chapter")


@pytest.mark.parametrize(
    "lines, message",
    [
        ([], "records must begin with a head of schema 1, got 'none' in line 1 of"),
        ([{**HEAD, "schema": 2}], "records must begin with a head of schema 1, got 2 in line 1 of"),
        ([{**HEAD, "scores": {"loss": {"rule": "guess", "of": "loss"}}}], "a rule that is known for each score, got"),
        (LINES[:2], "records must have all of 2 examples, got 1 in"),
        ([*LINES[:2], LINES[1]], "an id of its own and a cluster, got 4 and 'Ruth 1' in line 3 of"),
        ([HEAD, {"id": 4, **EXAMPLE, "loss": [1]}], "the statistics loss, got [1] in line 2 of"),
        ([HEAD, {"id": 4, **EXAMPLE, "loss": ["1", 2]}], "the statistics loss, got ['1', 2] in line 2 of"),
        ([HEAD, {"id": 4, **EXAMPLE, "classes": {"cat": 1}}], "the statistics classes, got"),
        ([HEAD, {"id": 4, **EXAMPLE, "boxes": {"cat": {"objects": [1, 1, 0, 0]}}}], "the statistics boxes, got"),
        ([HEAD, {"id": 4, **EXAMPLE, "boxes": {"cat": {**BOXES["cat"], "found": [[0.5, "12"]]}}}], "boxes, got"),
        ([HEAD, {"id": 4, **EXAMPLE, "boxes": {"cat": {**BOXES["cat"], "objects": [10**9, 0, 0, 0]}}}], "boxes, got"),
        ([HEAD, {"id": 4, **EXAMPLE, "boxes": {"cat": {**BOXES["cat"], "objects": [1.5, 0, 0, 0]}}}], "boxes, got"),
        ([HEAD, {"id": 4, **EXAMPLE, "bins": [10**9, 0.5, 1]}], "the statistics bins, got"),
        ([HEAD, {"id": 4, **EXAMPLE, "bins": [2.5, 0.5, 1]}], "the statistics bins, got"),
        ([HEAD, {"id": 2**63, **EXAMPLE}], "a JSON object a line, got"),
    ],
)
def test_what_is_damaged_is_one_line(tmp_path: Path, lines: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(UserError) as caught:
        read_lines(_write(tmp_path / "examples.jsonl", lines), known=SCORES)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "fresh=true" in str(caught.value)


@pytest.mark.parametrize("content", [b'{"schema": 1', b"[1]\n", b"\xff\n", b"[" * 100_000])
def test_a_line_that_is_no_object_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "examples.jsonl").write_bytes(content)
    with pytest.raises(UserError, match=r"records must have a JSON object a line, got .* in line 1 of"):
        read_lines(tmp_path / "examples.jsonl", known=SCORES)


def test_a_line_without_an_end_is_not_read_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_lines, "LONGEST", 100)
    with pytest.raises(UserError, match="at most 100 bytes a line, got more in line 1 of"):
        read_lines(_write(tmp_path / "examples.jsonl", LINES), known=SCORES)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="records must be readable, got"):
        read_lines(tmp_path, known=SCORES)
