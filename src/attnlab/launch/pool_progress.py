"""What the terminal shows of runs side by side: a line for each event, and on a terminal one that lives."""

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from attnlab.language import either
from attnlab.launch.ending import DONE, IN_CHINESE, Ended
from attnlab.reading.shown import shown

REFRESH_SECONDS = 1.0


class Progress:
    """Counts runs that are done, running and failed, and estimates the time left from those that were trained.

    Args:
        total: runs in all.
        clock: of seconds.
        shows_waiting: whether runs that haven't begun are counted, too.
        score: which score a run ends with, such as val/loss.
    """

    def __init__(
        self, total: int, *, clock: Callable[[], float] = time.monotonic, shows_waiting: bool = False, score: str = ""
    ) -> None:
        self.total, self.clock, self.shows_waiting, self.score = total, clock, shows_waiting, score
        self.done = self.failed = 0
        self._running: dict[str, float] = {}
        self._known: set[str] = set()
        self._seconds: list[float] = []
        self._most = 1
        self._shown = 0.0
        self._is_live = sys.stderr.isatty()

    def began(self, name: str, *, trained: bool, seconds: float = 0.0) -> None:
        """A run began, so many seconds ago; one that was `trained` before ends at once, and tells no other's time."""
        self._running[name] = self.clock() - seconds
        self._most = max(self._most, len(self._running))
        if trained:
            self._known.add(name)
        else:
            self._say(either(f"{name} began", f"{name} 开始"))

    def ended(self, name: str, ended: Ended, *, log: Path) -> None:
        """One has ended, as `ended` says; what it printed is in `log`."""
        seconds = self.clock() - self._running.pop(name)
        if ended.status == "interrupted":
            self._say(either(f"{name} {ended.error}", f"{name} 被中断"))
            return
        known = ended.status == "finished" and name in self._known
        if ended.status in DONE and not known:
            self._seconds.append(seconds)
        score = "" if ended.score is None else ", " + f"{self.score} {ended.score:.4g}".lstrip()
        took, how = clock_time(seconds), IN_CHINESE[ended.status]
        chinese = f"此前{how}" if known else f"{how}，用时 {took}"
        said = either(
            f"{ended.status} {'before' if known else f'in {took}'}{score}", chinese + score.replace(", ", "，")
        )
        self._count(name, ended, said=said, log=log)

    def put_back(self, name: str) -> None:
        """One that was running waits again."""
        del self._running[name]
        self._say(either(f"{name} is back in the queue", f"{name} 回到队列"))

    def note(self, line: str) -> None:
        """Something else happened."""
        self._say(line)

    def refused(self, name: str, ended: Ended) -> None:
        """One can't begin."""
        self._count(name, ended, said="", log=None)

    def _count(self, name: str, ended: Ended, *, said: str, log: Path | None) -> None:
        self.done += 1
        if ended.status not in DONE:
            self.failed += 1
            see = "" if ended.status == "refused" else either(f" (see {log})", f"（见 {log}）")
            said = either(f"{ended.status}: ", f"{IN_CHINESE[ended.status]}：") + f"{ended.error}{see}"
        self._say(f"{name} {said}")

    def stopping(self) -> None:
        """All are asked to stop."""
        number = len(self._running)
        if number:
            runs = "1 run writes its checkpoint" if number == 1 else f"{number} runs write their checkpoints"
            self._say(
                either(
                    f"stopping: {runs} (Ctrl-C again ends at once)",
                    f"正在停止：{number} 次运行在写检查点（再按一次 Ctrl-C 立即结束）",
                )
            )

    def tick(self) -> None:
        """Bring the line that lives up to date."""
        if self._is_live and self.clock() - self._shown >= REFRESH_SECONDS:
            self._show()

    def close(self) -> None:
        """Nothing more comes: the line that lives is taken back."""
        if self._is_live:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def counts(self) -> str:
        """Runs done, running and failed, and the time left as far as it can be told."""
        left, running = self.seconds_left(), len(self._running)
        queued = self.total - self.done - running
        english = [f"{self.done} of {self.total} done", f"{running} running"]
        chinese = [f"共 {self.total} 个，完成 {self.done}", f"运行中 {running}"]
        if self.shows_waiting:
            english, chinese = [*english, f"{queued} waiting"], [*chinese, f"等待 {queued}"]
        english, chinese = [*english, f"{self.failed} failed"], [*chinese, f"失败 {self.failed}"]
        if left is not None:
            english, chinese = [*english, f"about {clock_time(left)} left"], [*chinese, f"约剩 {clock_time(left)}"]
        return either(", ".join(english), "，".join(chinese))

    def seconds_left(self) -> float | None:
        """Until all have ended, if they take as long as those that were trained; None before the first of them."""
        left = self.total - self.done
        if not self._seconds or not left:
            return None
        mean, now = sum(self._seconds) / len(self._seconds), self.clock()
        running = [max(0.0, mean - (now - began)) for began in self._running.values()]
        waiting = mean * (left - len(running))
        return max([(sum(running) + waiting) / min(self._most, left), *running])

    def _say(self, line: str) -> None:
        if self._is_live:
            print(f"\r\x1b[K{shown(line)}", file=sys.stderr)
            self._show()
        else:
            print(shown(line) + either(f" ({self.counts()})", f"（{self.counts()}）"), file=sys.stderr, flush=True)

    def _show(self) -> None:
        self._shown = self.clock()
        columns, counts = shutil.get_terminal_size().columns - 1, self.counts()
        line = either(counts[:columns], counts[: columns // 2])  # a Chinese character takes two
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


def clock_time(seconds: float) -> str:
    """`41 s`, `7 min`, `2 h 05 min`."""
    if seconds < 99.5:
        return either(f"{seconds:.0f} s", f"{seconds:.0f} 秒")
    minutes = round(seconds / 60)
    if minutes < 100:
        return either(f"{minutes} min", f"{minutes} 分钟")
    hours, rest = divmod(minutes, 60)
    return either(f"{hours} h {rest:02d} min", f"{hours} 小时 {rest:02d} 分")
