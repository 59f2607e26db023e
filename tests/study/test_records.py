"""The records of a run's folder, beside what it reported."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from attnlab.errors import UserError
from attnlab.study.records import read_records

SCORES = {"accuracy": {"rule": "mean", "of": "accuracy", "part": ""}}
HITS = [1, 0, 1, 1]


def _write(folder: Path, *, reported: dict[str, Any], clusters: list[Any] | None = None) -> Path:
    head = {"schema": 1, "examples": len(HITS), "clusters": "chapter" if clusters else None, "scores": SCORES}
    rows = [
        {"id": 2 * number, "cluster": clusters[number] if clusters else 2 * number, "accuracy": [hit, 1]}
        for number, hit in enumerate(HITS)
    ]
    (folder / "examples.jsonl").write_text("".join(json.dumps(each) + "\n" for each in (head, *rows)))
    (folder / "metrics.json").write_text(json.dumps({"test": reported}))
    return folder


def test_scores_come_again_and_what_has_no_records_is_said(tmp_path: Path) -> None:
    found = read_records(_write(tmp_path, reported={"accuracy": 0.75, "loss": 1.5}))
    assert found.ids.tolist() == found.cluster_names == [0, 2, 4, 6]
    assert (found.cluster_kind, found.earlier) == (None, False)
    assert found.without == {"loss": "its records hold nothing of it"}
    score, others = found.scorer("accuracy").leave_one_out()
    assert score == 0.75
    assert others == pytest.approx([2 / 3, 1, 2 / 3, 2 / 3])


def test_verses_of_a_chapter_are_left_out_together(tmp_path: Path) -> None:
    found = read_records(_write(tmp_path, reported={"accuracy": 0.75}, clusters=["b", "b", "a", "b"]))
    assert found.cluster_names == ["b", "a"]
    assert found.scorer("accuracy").leave_one_out()[1] == pytest.approx([1, 2 / 3])


def test_records_that_give_another_score_are_refused(tmp_path: Path) -> None:
    found = read_records(_write(tmp_path, reported={"accuracy": 0.7}))
    with pytest.raises(UserError, match=r"must give its score, got accuracy 0.75 and 0.7 in .*fresh=true"):
        found.scorer("accuracy")


def test_a_score_that_is_not_there_is_one_line_with_the_likeliest(tmp_path: Path) -> None:
    found = read_records(_write(tmp_path, reported={"accuracy": 0.75, "loss": 1.5}))
    with pytest.raises(UserError, match=r"got 'acuracy' of .* \(did you mean accuracy\?\) \(name another\)"):
        found.scorer("acuracy")
    with pytest.raises(UserError, match=r"got 'loss' of .*: its records hold nothing of it"):
        found.scorer("loss")


@pytest.mark.parametrize(
    "content, message",
    [
        (None, "a run must be finished to be compared, got no metrics.json in"),
        ("{", "metrics.json must be a run's record, got"),
        ("[]", "metrics.json must have the test's scores, got none in"),
        ('{"test": {"accuracy": "high"}}', "metrics.json must have the test's scores, got none in"),
    ],
)
def test_a_run_without_a_record_is_one_line(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "metrics.json").write_text(content)
    with pytest.raises(UserError) as caught:
        read_records(tmp_path)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_reading_records_loads_no_torch() -> None:
    code = "import sys; import attnlab.study.records; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
