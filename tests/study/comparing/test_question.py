"""What finished runs are judged by."""

from pathlib import Path
from typing import Any

import pytest
from tiny_compared import write_run
from tiny_tasks import TASKS, build_tiny

from attnlab.errors import UserError
from attnlab.metrics.records.contract import Score
from attnlab.study.comparing.found_runs import found_runs
from attnlab.study.comparing.question import better_of, question
from attnlab.study.judged import Judged
from attnlab.study.records import read_records


def _question(folder: Path, **asked: Any) -> Judged:
    [run] = found_runs([folder]).runs
    return question(run, [read_records(folder)], **asked)


def test_what_is_asked_goes_before_what_the_run_has_on_record(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a")
    assert _question(folder) == Judged(metric="accuracy", better="max", margin=0.05)
    assert _question(folder, metric="test/accuracy", margin=0.2).margin == 0.2


def test_a_run_of_before_margins_has_todays(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a")
    text = (folder / "config.json").read_text().replace('"verdict"', '"unsaid"')
    (folder / "config.json").write_text(text)
    assert _question(folder) == Judged(metric="accuracy", better="max", margin=0.01)


@pytest.mark.parametrize(
    "asked, said",
    [
        (
            {"metric": "acuracy"},
            r"records give, one of accuracy \(did you mean accuracy\?\), got acuracy \(set --metric\)",
        ),
        ({"margin": 0.0}, r"margin must be a number above 0, got 0 \(set --margin\)"),
        ({"margin": float("nan")}, "got nan"),
    ],
)
def test_what_cannot_be_asked_is_one_line(tmp_path: Path, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        _question(write_run(tmp_path / "a"), **asked)


def test_of_losses_and_errors_the_smaller_is_better_and_lengths_are_neither() -> None:
    scores = {
        "perplexity": Score("exp_mean", "loss"),
        "loss": Score("mean", "loss"),
        "loss_at_64": Score("mean", "loss_at_64"),
        "coverage_loss": Score("mean", "coverage_loss"),
        "bits_per_byte": Score("mean", "bits_per_byte"),
        "calibration_error": Score("calibration_error", "calibration"),
        "f1": Score("f1", "entities"),
        "novel_1": Score("share", "novel_1"),
    }
    found = {name: better_of(score) for name, score in scores.items()}
    assert {name for name, better in found.items() if better == "max"} == {"f1"}
    assert {name for name, better in found.items() if better is None} == {"novel_1"}


OF_RUNS = ("fid_", "kid_")  # which no examples have
RULES = {"perplexity": "exp_mean", "calibration_error": "calibration_error"}


@pytest.mark.parametrize("task", TASKS)
def test_what_is_better_of_a_tasks_scores_is_better_where_runs_are_compared(task: str) -> None:
    for name, better in build_tiny(task).measured.items():
        score = name.removeprefix("val/")
        if not score.startswith(OF_RUNS):
            assert better_of(Score(RULES.get(score, "mean"), score)) == better, name
