"""The rows of `metrics.csv`, whatever else stands in it."""

from pathlib import Path

from attnlab.reading.metric_rows import metric_rows, read_rows


def test_rows_of_an_update_go_together_and_what_is_no_row_is_told(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("step,metric,value\n2,val/loss,1.5\nodd\n2,train/loss,1.25\n4,val/loss,nan\n4,val/lo")
    found = dict(metric_rows(path))
    assert found[2] == {"val/loss": 1.5, "train/loss": 1.25}
    assert list(found) == [2, 4]
    assert read_rows(path)[1] == (1, "odd")


def test_a_log_that_is_not_there_has_no_rows_and_one_begun_has_none_yet(tmp_path: Path) -> None:
    assert list(metric_rows(tmp_path / "metrics.csv")) == []
    (tmp_path / "metrics.csv").write_text("step,met")
    assert read_rows(tmp_path / "metrics.csv") == (None, None)
