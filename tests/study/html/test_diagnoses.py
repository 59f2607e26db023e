"""What was measured of runs' attention, on a page."""

import json
from pathlib import Path
from typing import Any

from tiny_results import made_results

from attnlab.metrics.records.contract import run_of
from attnlab.study.html.diagnoses import diagnoses
from attnlab.study.html.of_study import subject_of
from attnlab.study.html.subject import Run, Subject


def _diagnosed(run: Run, score: float | None, entropy: float, **changed: Any) -> None:
    heads = [{"entropy": 1.0, "relative_entropy": entropy, "first": 0.25, "last": 0.5}] * 2
    place = {"path": "encoder.0", "role": "self", "redundancy": 0.75, "heads": heads}
    scores = {} if score is None else {"deletion": score}
    why = "its attention has no one map over the parts of its input" if score is None else None
    found = {"of": run_of(run.record), "attention": [place], "scores": scores, "without": why} | changed
    (run.folder / "diagnostics.json").write_text(json.dumps(found))


def _subject(folder: Path) -> Subject:
    return subject_of(made_results(folder))


def test_what_runs_have_stands_as_means_by_arm_and_what_they_lack_says_why_in_both_languages(tmp_path: Path) -> None:
    subject = _subject(tmp_path)
    additive, uniform = subject.of["additive"].runs, subject.of["uniform"].runs
    _diagnosed(additive[0], 0.5, 0.25)
    _diagnosed(additive[1], 0.25, 0.75)
    _diagnosed(uniform[0], None, 1.0)
    found = diagnoses(subject)
    assert found is not None
    faithful, spread = found.tables
    assert [[cell.english for cell in row] for row in faithful.rows][1] == ["additive", "2", "0.375", "-"]
    assert faithful.rows[0][3].chinese == "它的注意力没有覆盖输入各部分的单一图"
    assert [cell.english for cell in spread.rows[1]] == [
        "additive", "encoder.0 (self)", "2", "0.5", "0.25", "0.5", "0.75",
    ]  # fmt: skip


def test_agreement_with_what_is_known_stands_beside_chance(tmp_path: Path) -> None:
    subject = _subject(tmp_path)
    known = {"name": "alignment", "chance_share": 0.125, "chance_accuracy": 0.25}
    for run, share in zip(subject.of["additive"].runs, (0.5, 0.75), strict=False):
        _diagnosed(run, 0.5, 0.25, known=known | {"share": share, "accuracy": 1.0})
    _diagnosed(subject.of["uniform"].runs[0], 0.0, 1.0)
    found = diagnoses(subject)
    assert found is not None
    truth = next(each for each in found.tables if each.name == "truth-table")
    assert [cell.english for cell in truth.rows[0]] == [
        "additive", "the source word that is translated", "2", "0.625", "0.125", "1", "0.25",
    ]  # fmt: skip
    assert len(truth.rows) == 1


def test_what_is_of_another_run_or_damaged_or_not_there_is_no_section(tmp_path: Path) -> None:
    subject = _subject(tmp_path)
    assert diagnoses(subject) is None
    run = subject.of["additive"].runs[0]
    _diagnosed(run, 0.5, 0.25, of={"steps": 3})
    assert diagnoses(subject) is None
    (run.folder / "diagnostics.json").write_text("[}")
    assert diagnoses(subject) is None
