"""What is shown of runs side by side: counts, and a time that is estimated from those that were trained."""

from pathlib import Path

import pytest

from attnlab.language import wanted
from attnlab.launch.ending import Ended
from attnlab.launch.pool_progress import Progress, clock_time
from attnlab.launch.stop import RunsInterrupted, TrainingInterrupted

LOG = Path("run/train.log")


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_line_for_each_event_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    progress = Progress(4, clock=clock, score="val/loss")
    for name in ("#0", "#1"):
        progress.began(name, trained=False)
    progress.tick()
    clock.now += 40
    progress.ended("#0", Ended("finished", 0.25), log=LOG)
    progress.ended("#1", Ended("died", error="killed by signal 9"), log=LOG)
    progress.refused("#2", Ended("refused", error="no key 'x'"))
    assert capsys.readouterr().err.splitlines() == [
        "#0 began (0 of 4 done, 1 running, 0 failed)",
        "#1 began (0 of 4 done, 2 running, 0 failed)",
        "#0 finished in 40 s, val/loss 0.25 (1 of 4 done, 1 running, 0 failed, about 40 s left)",
        "#1 died: killed by signal 9 (see run/train.log) (2 of 4 done, 0 running, 1 failed, about 40 s left)",
        "#2 refused: no key 'x' (3 of 4 done, 0 running, 2 failed, about 40 s left)",
    ]


@pytest.mark.usefixtures("in_chinese")
def test_in_chinese_the_same_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    progress = Progress(5, clock=clock, shows_waiting=True)
    for name in ("#0", "#1", "#2", "#3"):
        progress.began(name, trained=name == "#3")
    clock.now += 40
    progress.ended("#0", Ended("finished", 0.25), log=LOG)
    progress.ended("#1", Ended("died", error="killed by signal 9"), log=LOG)
    progress.ended("#2", Ended("interrupted", error="interrupted after update 7"), log=LOG)
    progress.ended("#3", Ended("finished", 0.5), log=LOG)
    assert [line.split("（共")[0] for line in capsys.readouterr().err.splitlines()] == [
        *("#0 开始", "#1 开始", "#2 开始"),
        "#0 已完成，用时 40 秒，0.25",
        "#1 已终止：killed by signal 9（见 run/train.log）",
        "#2 被中断",
        "#3 此前已完成，0.5",
    ]
    assert progress.counts() == "共 5 个，完成 3，运行中 0，等待 2，失败 1，约剩 40 秒"


@pytest.mark.usefixtures("in_chinese")
def test_in_chinese_an_interruption_and_times_are_told() -> None:
    assert TrainingInterrupted(7).said.said(wanted()) == "在第 7 次更新之后中断"
    assert RunsInterrupted(3, 11).said.said(wanted()) == "已中断，11 次运行中完成了 3 次"
    assert (clock_time(41), clock_time(420), clock_time(7500)) == ("41 秒", "7 分钟", "2 小时 05 分")


def test_the_time_left_knows_how_long_the_running_ones_have_run() -> None:
    clock = Clock()
    progress = Progress(7, clock=clock)
    for name in ("#0", "#1"):
        progress.began(name, trained=False)
    assert progress.seconds_left() is None
    clock.now += 60
    progress.ended("#0", Ended("finished", None), log=LOG)
    progress.began("#2", trained=False)
    # Of six the one that began with the first should be done now; five take 60 seconds each, two at a time.
    assert progress.seconds_left() == pytest.approx(5 * 60 / 2)
    clock.now += 30
    assert progress.seconds_left() == pytest.approx((30 + 4 * 60) / 2)


def test_what_was_finished_before_says_nothing_of_the_time() -> None:
    clock = Clock()
    progress = Progress(3, clock=clock)
    progress.began("#0", trained=True)
    clock.now += 1
    progress.ended("#0", Ended("finished", 0.5), log=LOG)
    assert progress.done == 1
    assert progress.seconds_left() is None


def test_a_terminal_has_one_line_that_lives(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "31")
    clock = Clock()
    progress = Progress(2, clock=clock)
    progress.began("#0", trained=False)
    progress.tick()  # too soon for another
    clock.now += 2
    progress.tick()
    progress.close()
    back = "\r\x1b[K"
    assert capsys.readouterr().err == (
        f"{back}#0 began\n" + f"{back}0 of 2 done, 1 running, 0 faile"[: len(back) + 30] * 2 + back
    )


@pytest.mark.parametrize("seconds, text", [(0.2, "0 s"), (99, "99 s"), (100, "2 min"), (7500, "2 h 05 min")])
def test_times_are_as_exact_as_an_estimate_can_be(seconds: float, text: str) -> None:
    assert clock_time(seconds) == text
