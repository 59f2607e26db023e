"""Runs side by side: as many as there is room for, in their order, and none takes another along."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from attnlab.launch import stop
from attnlab.launch.ending import Ended
from attnlab.launch.local_pool import Job, LocalPool, Outcome
from attnlab.launch.pool_progress import Progress
from attnlab.launch.resources import Needs, Room
from attnlab.launch.stop import RunsInterrupted, TrainingInterrupted


def _pool(total: int, *, cores: int) -> LocalPool:
    return LocalPool(room=Room(cores=cores), progress=Progress(total))


def _job(number: int, train: Callable[[], Ended], *, folder: str | None = None) -> Job:
    return Job(
        overrides=(f"seed={number}",),
        output_dir=Path(folder or f"run{number}").absolute(),
        train=train,
        name=f"#{number}",
        needs=Needs(cores=1),
    )


def _wait_for(number: int) -> None:
    end = time.monotonic() + 30
    while len(list(Path().glob("here*"))) < number:
        assert time.monotonic() < end
        time.sleep(0.01)


def _meeting(number: int, of: int) -> Ended:
    """Waits for others to be there at the same time."""
    Path(f"here{number}").touch()
    _wait_for(of)
    return Ended("finished", float(number))


def test_as_many_run_side_by_side_as_there_are_cores() -> None:
    outcomes = list(_pool(3, cores=3).run(_job(number, lambda n=number: _meeting(n, 3)) for number in range(3)))
    assert {outcome.ended.score for outcome in outcomes} == {0.0, 1.0, 2.0}
    assert all(outcome.job.overrides == (f"seed={outcome.ended.score:.0f}",) for outcome in outcomes)


def _noted(number: int, event: str = "") -> Ended:
    with Path("order").open("a") as file:
        file.write(f"{number}{event}\n")
    return Ended("finished", float(number))


def test_one_after_another_they_keep_their_order() -> None:
    outcomes = list(_pool(4, cores=1).run(_job(number, lambda n=number: _noted(n)) for number in range(4)))
    assert Path("order").read_text().split() == ["0", "1", "2", "3"]
    assert [outcome.ended.score for outcome in outcomes] == [0.0, 1.0, 2.0, 3.0]


def test_one_that_dies_is_one_failed_run_and_the_others_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    def die() -> Ended:
        os.kill(os.getpid(), signal.SIGKILL)
        return Ended("finished")

    jobs = [_job(0, die), *(_job(number, lambda n=number: _noted(n)) for number in (1, 2))]
    outcomes = list(_pool(3, cores=1).run(jobs))
    assert [outcome.ended.status for outcome in outcomes] == ["died", "finished", "finished"]
    assert outcomes[0].ended.error == "killed by signal 9"
    assert "3 of 3 done, 0 running, 1 failed" in capsys.readouterr().err


def test_two_of_one_folder_never_run_at_once_and_hold_up_no_other() -> None:
    def slow(number: int) -> Ended:
        _noted(number, "began")
        time.sleep(0.3)
        return _noted(number, "ended")

    jobs = [_job(0, lambda: slow(0), folder="same"), _job(1, lambda: slow(1), folder="same"), _job(2, lambda: slow(2))]
    assert len(list(_pool(3, cores=2).run(jobs))) == 3
    order = Path("order").read_text().split()
    assert order.index("0ended") < order.index("1began")
    assert order.index("2began") < order.index("0ended")


def _trained(number: int) -> Ended:
    """Until a signal asks it to stop, as training does."""
    Path(f"pid{number}").write_text(str(os.getpid()))
    Path(f"here{number}").touch()
    with stop.listening(stop.ALL) as flag:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if flag.wish > stop.Wish.GO_ON:
                Path(f"checkpoint{number}").touch()
                raise TrainingInterrupted(number)
            time.sleep(0.01)
    return Ended("failed")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_with_their_checkpoints_and_begins_no_other(number: signal.Signals) -> None:
    outcomes: list[Outcome] = []

    def ask() -> Ended:
        _wait_for(2)
        os.kill(os.getppid(), number)
        return Ended("finished", 1.0)

    jobs = [_job(0, lambda: _trained(0)), _job(1, lambda: _trained(1)), _job(2, ask), _job(3, lambda: _noted(3))]
    with pytest.raises(RunsInterrupted, match=r"^interrupted with 1 of 4 runs done$"):
        outcomes.extend(_pool(4, cores=3).run(jobs))
    assert Path("checkpoint0").exists()
    assert Path("checkpoint1").exists()
    assert not Path("order").exists()


def test_a_second_ctrl_c_ends_them_at_once() -> None:
    def stubborn() -> Ended:
        Path("here0").touch()
        Path("pid").write_text(str(os.getpid()))
        for _ in range(3000):
            time.sleep(0.01)
        return Ended("finished")

    def ask() -> Ended:
        _wait_for(1)
        for _ in range(2):
            os.kill(os.getppid(), signal.SIGINT)
            time.sleep(0.2)
        return Ended("finished")

    with pytest.raises(KeyboardInterrupt):
        list(_pool(2, cores=2).run([_job(0, stubborn), _job(1, ask)]))
    with pytest.raises(ProcessLookupError):
        os.kill(int(Path("pid").read_text()), 0)


def test_who_asks_no_further_leaves_none_running() -> None:
    outcomes = _pool(2, cores=2).run([_job(0, lambda: _trained(0)), _job(1, lambda: _meeting(1, 2))])
    assert next(outcomes).ended.score == 1.0
    outcomes.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int(Path("pid0").read_text()), 0)
