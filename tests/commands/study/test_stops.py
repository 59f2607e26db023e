"""The command as it is stopped: by signals once and twice, by what it cannot write, and by itself beside another."""

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tiny_trained import plan_in, trained, trained_names

from attnlab.commands import cli
from attnlab.files import locked
from attnlab.launch import local_pool, stop
from attnlab.study.design import Study
from attnlab.study.plan import Plan

COMMAND = ["study", "attention_in_translation"]
Train = Callable[[Plan, list[str]], float]


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """In the place of that study's."""
    made = plan_in(tmp_path, seeds=5)

    def planned(study: Study, *, config_dirs: Sequence[str]) -> Plan:
        return made

    monkeypatch.setattr("attnlab.study.plan.planned", planned)
    monkeypatch.setattr("attnlab.runs.warm.import_all", lambda: None)
    monkeypatch.setattr("attnlab.study.pages.write_pages", lambda results: None)
    monkeypatch.setattr(local_pool, "PAUSE_SECONDS", 0.002)
    return made


def _by(plan: Plan, train: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    def train_one(overrides: list[str], *, config_dirs: Sequence[str]) -> float:
        return train(plan, overrides)

    monkeypatch.setattr("attnlab.commands.train.command.train_one", train_one)


def _begun(plan: Plan) -> list[int]:
    """Processes of runs that have begun."""
    return [int(path.name) for path in plan.folder.parent.glob("begun/*")]


def _note(plan: Plan) -> None:
    path = plan.folder.parent / "begun" / str(os.getpid())
    path.parent.mkdir(exist_ok=True)
    path.touch()


def stops_when_asked(plan: Plan, overrides: list[str]) -> float:
    if overrides[:2] != ["additive", "seed=0"]:
        return trained(plan, overrides)
    with stop.listening(stop.ALL) as flag:
        _note(plan)
        while flag.wish == stop.Wish.GO_ON:
            time.sleep(0.005)
    raise stop.TrainingInterrupted(7)


def never_stops(plan: Plan, overrides: list[str]) -> float:
    with stop.listening(stop.ALL):
        _note(plan)
        time.sleep(120)
    return 0.0


def _command(folder: Path) -> None:
    os.setsid()
    # In the place of what captures this test's.
    sys.stdout = sys.stderr = (folder / "output.txt").open("w", buffering=1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os._exit(cli.main([*COMMAND, "--workers", "2"]))


def _stopped(plan: Plan, *signals: signal.Signals) -> tuple[int | None, str]:
    """The exit status and the output of the command that has begun runs and then gets these signals."""
    process = multiprocessing.get_context("fork").Process(target=_command, args=(plan.folder.parent,))
    process.start()
    assert process.pid is not None
    _until(lambda: bool(_begun(plan)))
    output = plan.folder.parent / "output.txt"
    for number, each in enumerate(signals):
        if number:
            _until(lambda: "Ctrl-C again ends at once" in output.read_text())
        os.kill(process.pid, each)
    process.join(60)
    return process.exitcode, output.read_text()


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


def _is_gone(pid: int) -> bool:
    status = Path("/proc", str(pid), "status")
    return not status.exists() or "\nState:\tZ" in status.read_text()


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_has_runs_stop_and_the_same_command_does_what_is_left(
    by: signal.Signals, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    _by(plan, stops_when_asked, monkeypatch)
    status, output = _stopped(plan, by)
    assert status == 130, output
    assert "additive seed=0 interrupted after update 7" in output
    assert output.splitlines()[-1].endswith("of 15 runs done; the same command does what is left")
    assert "Traceback" not in output
    _by(plan, trained, monkeypatch)
    assert cli.main(COMMAND) == 0
    assert len(set(trained_names(plan))) == len(trained_names(plan)) == 15


def test_ctrl_c_again_ends_the_runs_at_once_and_none_goes_on(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    _by(plan, never_stops, monkeypatch)
    status, output = _stopped(plan, signal.SIGINT, signal.SIGINT)
    assert (status, output.splitlines()[-1]) == (130, "interrupted")
    for pid in _begun(plan):
        _until(lambda pid=pid: _is_gone(pid))  # type: ignore[misc]  # of this turn
    _by(plan, trained, monkeypatch)
    assert cli.main(COMMAND) == 0
    assert len(trained_names(plan)) == 15


def test_a_second_command_beside_it_trains_nothing(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _by(plan, trained, monkeypatch)
    with locked(plan.folder):
        assert cli.main(COMMAND) == 2
    assert f"a study runs once at a time, got {plan.folder} at work elsewhere" in capsys.readouterr().err
    assert trained_names(plan) == []


def test_a_folder_that_cannot_be_written_is_one_line(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _by(plan, trained, monkeypatch)
    plan.folder.parent.mkdir(exist_ok=True)
    plan.folder.write_text("a file in its place")
    assert cli.main(COMMAND) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: a study's files must be there to read and write, got [Errno ")
    assert "set output_root=DIR; the same command does what is left" in error
    assert trained_names(plan) == []


def test_a_disk_that_fills_up_under_the_pages_is_one_line_and_no_run_is_lost(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(results: object) -> None:
        Path("/dev/full").write_text("verdicts")

    _by(plan, trained, monkeypatch)
    monkeypatch.setattr("attnlab.study.pages.write_pages", full)
    assert cli.main(COMMAND) == 2
    assert "got [Errno 28] No space left on device (make room" in capsys.readouterr().err.splitlines()[-1]
    monkeypatch.setattr("attnlab.study.pages.write_pages", lambda results: None)
    assert cli.main(COMMAND) == 0
    assert len(trained_names(plan)) == 15


def test_a_plan_whose_caches_cannot_be_written_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def full(study: Study, *, config_dirs: Sequence[str]) -> Plan:
        Path("/dev/full").write_text("data")
        raise AssertionError

    monkeypatch.setattr("attnlab.study.plan.planned", full)
    monkeypatch.setattr("attnlab.runs.warm.import_all", lambda: None)
    assert cli.main(COMMAND) == 2
    error = capfd.readouterr().err
    assert "error: a study's files must be there to read and write, got [Errno 28]" in error
    assert "Traceback" not in error


def test_only_packages_of_ones_own_are_trusted(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*COMMAND, "--trust", "torch"]) == 2
    assert "only packages of your own can be trusted, got torch" in capsys.readouterr().err
