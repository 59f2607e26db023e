from pathlib import Path

import pytest
from tiny_study import tiny_base

from attnlab.config.compose import compose_run
from attnlab.errors import UserError
from attnlab.runs import build
from attnlab.study.probe import TIMED, WARM, seconds_an_update


def test_a_few_updates_are_timed_and_leave_nothing(tmp_path: Path) -> None:
    config = build.plain(compose_run([*tiny_base(tmp_path), "trainer.max_steps=2000"]))
    assert 0 < seconds_an_update(config) < 1
    assert not (tmp_path / "outputs").exists()


def test_what_is_to_be_said_of_data_that_is_read_once_more_isnt_said_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = build.plain(compose_run([*tiny_base(tmp_path), "trainer.max_steps=2000", "data.max_source_length=3"]))
    data = build.build_data(config)
    data.prepare_data()
    said = [each["message"] for each in data.warnings]
    assert said
    assert set(said) <= set(caplog.messages)
    caplog.clear()
    seconds_an_update(config)
    assert set(said) & set(caplog.messages) == set()


def test_a_run_that_is_too_short_is_refused(tmp_path: Path) -> None:
    config = build.plain(compose_run(tiny_base(tmp_path)))
    with pytest.raises(UserError, match=f"a probe needs runs of {WARM + TIMED + 1} updates or more, got 8"):
        seconds_an_update(config)
