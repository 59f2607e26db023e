"""metrics.csv survives a kill and a resume."""

from pathlib import Path

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
