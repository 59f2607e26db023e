"""metrics.csv survives a kill and a resume."""

import csv
import logging
from pathlib import Path

import pytest

from attnlab.callbacks import MetricsCSV


def test_rows_are_appended_across_processes_and_cut_back_on_resume(tmp_path: Path) -> None:
    MetricsCSV(tmp_path).log_metrics({"train/loss": 3.5, "epoch": 0}, step=50)
    again = MetricsCSV(tmp_path)
    again.log_metrics({"train/loss": 2.25}, step=100)
    again.log_metrics({"val/loss": 2.5}, step=149)
    with again.path.open("a") as file:
        file.write("150,train/lo")  # a kill in the middle of a row
    again.cut(100)
    again.log_metrics({"train/loss": 2.0}, step=150)
    assert again.path.read_text().splitlines() == [
        "step,metric,value",
        "50,train/loss,3.5",
        "100,train/loss,2.25",
        "150,train/loss,2.0",
    ]


def test_a_log_whose_heading_was_cut_off_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").write_text("")
    log = MetricsCSV(tmp_path)
    log.cut(3)
    log.log_metrics({"a": 1.0}, step=4)
    assert log.path.read_text() == "step,metric,value\n4,a,1.0\n"


def test_cutting_a_log_that_was_never_written_is_harmless(tmp_path: Path) -> None:
    MetricsCSV(tmp_path).cut(10)
    assert not (tmp_path / "metrics.csv").exists()


def test_names_with_commas_survive_a_resume(tmp_path: Path) -> None:
    MetricsCSV(tmp_path).log_metrics({"loss, smoothed": 1.5, 'the "best"\nof two': 2.0}, step=3)
    again = MetricsCSV(tmp_path)
    before = again.path.read_bytes()
    again.cut(3)
    assert again.path.read_bytes() == before
    assert list(again.rows()) == [(3, {"loss, smoothed": 1.5, 'the "best"\nof two': 2.0})]


@pytest.mark.parametrize(
    "line",
    ["# tuned from here", "1;val/loss;2.5", "2,val/loss", "x,val/loss,2.5", "2,val/loss,low", "1,a,2,3", "-1,a,2"],
)
def test_lines_of_an_editors_are_left_out_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, line: str
) -> None:
    log = MetricsCSV(tmp_path)
    log.path.write_text(f"\ufeffstep,metric,value\n1,val/loss,3.5\n{line}\n\n2,val/loss,2.5\n", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        log.cut(2)
    assert log.path.read_text() == "step,metric,value\n1,val/loss,3.5\n2,val/loss,2.5\n"
    [record] = caplog.records
    assert f"1 lines aren't step,metric,value and are left out (first: {line!r})" in record.getMessage()
    assert list(log.rows()) == [(1, {"val/loss": 3.5}), (2, {"val/loss": 2.5})]


def test_what_an_update_logs_as_it_begins_is_there_once_after_a_resume(tmp_path: Path) -> None:
    first = MetricsCSV(tmp_path)
    first.log_metrics({"train/loss": 2.5}, step=4)
    first.log_metrics({"lr-AdamW": 0.125}, step=4)  # after the checkpoint of update 4
    first.log_metrics({"train/loss": 2.0}, step=5)
    again = MetricsCSV(tmp_path)
    again.cut(4)
    again.log_metrics({"lr-AdamW": 0.125, "new": 1.0}, step=4)
    again.log_metrics({"train/loss": 2.0}, step=5)
    again.log_metrics({"said without a step": 7.0})
    assert list(again.rows()) == [
        (4, {"train/loss": 2.5, "lr-AdamW": 0.125, "new": 1.0}),
        (5, {"train/loss": 2.0, "said without a step": 7.0}),
    ]


@pytest.mark.parametrize(
    "line", ["4," + "x" * 200_000 + ",1", "9" * 400 + ",a,1", "4,a,1,2", "4,a,", "-4,a,1", "x,a,1"]
)
def test_whatever_a_line_holds_the_others_are_read(line: str, tmp_path: Path) -> None:
    """Of a run that anyone may have written: a value longer than the library reads, or an update that no run has."""
    (tmp_path / "metrics.csv").write_text(f"step,metric,value\n1,a,1.5\n{line}\n7,a,2.5\n")
    before = csv.field_size_limit(131_072)  # the library's own, which whoever reads tables raises
    try:
        found = list(MetricsCSV(tmp_path).rows())
    finally:
        csv.field_size_limit(before)
    assert found == [(1, {"a": 1.5}), (7, {"a": 2.5})]
