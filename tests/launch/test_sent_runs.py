"""Who does a run, on record."""

from dataclasses import replace
from pathlib import Path

import pytest

from attnlab.errors import UserError
from attnlab.launch.sent_runs import Sent, SentRuns


def test_runs_of_one_name_in_two_places_are_two(tmp_path: Path) -> None:
    sent = SentRuns(tmp_path / "sent")
    first, second = Sent(tmp_path / "a", 0, None), Sent(tmp_path / "b", 3, "7_3")
    with sent.alone():
        sent.note(tmp_path / "run" / "0123456789", first)
        sent.note(tmp_path / "ablations" / "0123456789", second)
    assert sent.of(tmp_path / "run" / "0123456789") == first
    assert sent.of(tmp_path / "ablations" / "0123456789") == second
    assert sent.of(tmp_path / "run" / "another") is None
    assert (second.record.name, second.output.name, first.output) == ("3.json", "7_3_0_log.err", tmp_path / "a")


def test_a_run_that_another_job_has_by_now_is_not_forgotten(tmp_path: Path) -> None:
    sent, run = SentRuns(tmp_path / "sent"), tmp_path / "run"
    before, now = Sent(tmp_path / "a", 0, "7"), Sent(tmp_path / "b", 0, "8")
    sent.note(run, now)
    sent.forget(run, before)
    assert sent.of(run) == now
    sent.forget(run, replace(now, job=None))
    assert sent.of(run) is None


def test_a_damaged_record_is_no_free_run(tmp_path: Path) -> None:
    sent = SentRuns(tmp_path / "sent")
    sent.note(tmp_path / "run", Sent(tmp_path / "a", 0, "7"))
    [path] = (tmp_path / "sent").glob("run-*.json")
    path.write_text('{"batch": ')
    with pytest.raises(UserError, match=r"^this record of a job is damaged, got .* \(delete it once squeue"):
        sent.of(tmp_path / "run")
