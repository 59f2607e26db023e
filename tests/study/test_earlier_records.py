"""Runs of before there were records: what their predictions give, and what they don't."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attnlab.errors import UserError
from attnlab.metrics.detection import ScoredPicture, average_precision
from attnlab.metrics.translation import quality
from attnlab.study.earlier_records import ABSENT, BOXES, OTHERWISE
from attnlab.study.records import read_records

OUTPUTS = ["the cat sat on the mat", "a dog ran to the old house", "one two three"]
REFERENCES = [["the cat sat on a mat"], ["a dog ran to my house", "a dog ran"], ["one two"]]


def _write(folder: Path, lines: list[dict[str, Any]], **metrics: Any) -> Path:
    (folder / "predictions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "metrics.json").write_text(json.dumps(metrics))
    return folder


def _translations(folder: Path, **changed: float) -> Path:
    found = quality(OUTPUTS, REFERENCES, language="en", tokenizer="13a", lowercase=False)
    rows = zip(OUTPUTS, REFERENCES, strict=True)
    lines = [
        {"id": n, "input": "x", "output": output, "target": texts[0], "details": {"references": texts}}
        for n, (output, texts) in enumerate(rows)
    ]
    return _write(folder, lines[::-1], test={"loss": 2.5, **found.scores, **changed}, signatures=found.signatures)


def test_texts_give_bleu_and_chrf_but_no_loss(tmp_path: Path) -> None:
    found = read_records(_translations(tmp_path))
    assert found.earlier
    assert found.ids.tolist() == [0, 1, 2]
    assert found.without == {"loss": ABSENT}
    for name in ("bleu", "chrf"):
        assert found.scorer(name).leave_one_out()[0] == pytest.approx(found.reported[name], abs=1e-9)


def test_what_was_counted_otherwise_is_left_out_and_said(tmp_path: Path) -> None:
    found = read_records(_translations(tmp_path, bleu=12.0))
    assert set(found.scores) == {"chrf"}
    assert found.without["bleu"] == OTHERWISE


def test_hits_are_of_the_predictions(tmp_path: Path) -> None:
    pairs = [("cat", "cat"), ("cat", "dog"), ("dog", "dog")]
    lines = [{"id": n, "input": "x", "target": one, "output": other} for n, (one, other) in enumerate(pairs)]
    test = {"accuracy": 2 / 3, "f1_cat": 2 / 3, "recall_dog": 1.0, "loss": 1.0}
    found = read_records(_write(tmp_path, lines, test=test, data={"classes": ["cat", "dog"]}))
    assert set(found.without) == {"loss"}
    assert found.scorer("f1_cat").num_gold == 2


@pytest.mark.parametrize("threshold", [0.0, 0.85])
def test_boxes_give_average_precision_only_where_none_was_left_out(tmp_path: Path, threshold: float) -> None:
    box, far = [0.0, 0, 20, 20], [60.0, 60, 80, 80]
    found = [(0.9, far), (0.8, box)]
    picture = ScoredPicture(
        0,
        np.array([each for _, each in found], dtype=np.float32),
        np.array([score for score, _ in found], dtype=np.float32),
        np.zeros(2, dtype=np.int64),
        np.array([box], dtype=np.float32),
        np.zeros(1, dtype=np.int64),
        np.zeros(1, dtype=np.bool_),
        np.zeros(1, dtype=np.float32),
    )
    output = [{"label": "cat", "score": score, "box": each} for score, each in found if score >= threshold]
    line = {"id": 0, "input": "x", "output": output, "target": [{"label": "cat", "box": box}]}
    test = average_precision([picture], ["cat"]) | {"loss": 1.0}
    records = read_records(_write(tmp_path, [line], test=test, data={"classes": ["cat"]}))
    if threshold:
        assert not records.scores
        assert records.without["ap"] == BOXES
    else:
        assert set(records.without) == {"loss"}


def test_a_run_of_which_no_prediction_tells_anything_has_no_scorer(tmp_path: Path) -> None:
    (tmp_path / "metrics.json").write_text(json.dumps({"test": {"fid_tiny": 0.5}}))
    found = read_records(tmp_path)
    assert not found.scores
    assert found.without == {"fid_tiny": ABSENT}


def test_predictions_that_are_missing_or_of_something_else_are_one_line(tmp_path: Path) -> None:
    folder = _translations(tmp_path)
    (folder / "predictions.jsonl").write_text('{"id": 0, "output": "x"}\n')
    with pytest.raises(UserError, match="predictions must be of the run's task, got others in"):
        read_records(folder)
    (folder / "predictions.jsonl").unlink()
    with pytest.raises(UserError, match=r"a run must have examples.jsonl or predictions.jsonl, got neither in"):
        read_records(folder)


def test_entities_are_of_the_predictions_and_what_training_had_seen_isnt(tmp_path: Path) -> None:
    ada, ur = (
        {"start": 0, "end": 3, "label": "PER", "text": "Ada"},
        {"start": 8, "end": 10, "label": "LOC", "text": "Ur"},
    )
    line = {
        "id": 0,
        "input": "Ada saw Ur",
        "output": [ada],
        "target": [ada, ur],
        "details": {"target_labels": ["B-PER", "O", "B-LOC"], "labels": ["B-PER", "O", "O"]},
    }
    test = {"token_accuracy": 2 / 3, "recall": 1 / 2, "f1_LOC": 0.0, "unseen_recall": 0.5}
    found = read_records(_write(tmp_path, [line], test=test))
    assert set(found.without) == {"unseen_recall", "f1_LOC"} - set(found.scores)
    assert {"token_accuracy", "recall"} <= set(found.scores)


def test_boxes_of_earlier_runs_overlap_as_they_did_at_the_very_threshold(tmp_path: Path) -> None:
    half, box = [0.0, 0.0, 10.0, 10.7], [0.0, 0.0, 10.0, 21.4]  # in 64 bits, 10.7 as it was kept is less than a half
    picture = ScoredPicture(
        0,
        np.array([half], dtype=np.float32),
        np.array([0.9], dtype=np.float32),
        np.zeros(1, dtype=np.int64),
        np.array([box], dtype=np.float32),
        np.zeros(1, dtype=np.int64),
        np.zeros(1, dtype=np.bool_),
        np.zeros(1, dtype=np.float32),
    )
    test = average_precision([picture], ["cat"])
    assert test["ap50"] == 1
    output = [{"label": "cat", "score": 0.9, "box": half}]
    line = {"id": 0, "input": "x", "output": output, "target": [{"label": "cat", "box": box}]}
    records = read_records(_write(tmp_path, [line], test=test, data={"classes": ["cat"]}))
    assert records.scorer("ap50").leave_one_out()[0] == 1
    assert not records.without
