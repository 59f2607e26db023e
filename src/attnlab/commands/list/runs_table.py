"""Runs as a table for the terminal: below each folder those in it."""

import time
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from attnlab.commands.list.found_runs import ListedRun
from attnlab.language import Language
from attnlab.reporting.glossary import SLOTS, score_in_chinese
from attnlab.reporting.terminal.text import display_width, pad, score_text

UNITS = ((86400, "d", "天前"), (3600, "h", "小时前"), (60, "min", "分钟前"), (1, "s", "秒前"))
STATES = {"finished": "已完成", "running": "进行中", "failed": "失败", "unfinished": "未完成", "damaged": "损坏"}
NAMED = {
    "en": "a run may be named by the beginning of its hash, or as last",
    "zh": "指定一次运行，写它哈希值的开头即可，最后训练的那次也可写作 last",
}


def render(runs: Sequence[ListedRun], *, language: Language = "en", now: float | None = None) -> list[str]:
    """Lines; `now` in seconds since the epoch, from which ages count, else the clock's."""
    now = time.time() if now is None else now
    rows = [_row(run, language, now) for run in runs]
    widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]
    lines: list[str] = []
    for parent, group in groupby(zip(runs, rows, strict=True), key=lambda each: each[0].folder.parent):
        lines.append(str(parent))
        for _, row in group:
            cells = [pad(cell, width) for cell, width in zip(row, widths, strict=True) if width]
            lines.append("  " + "  ".join(cells).rstrip())
    return [*lines, f"{_counted(runs, language)}{'；' if language == 'zh' else '; '}{NAMED[language]}"]


def _row(run: ListedRun, language: Language, now: float) -> list[str]:
    return [
        run.folder.name,
        _state(run.state, language),
        age(now - run.trained_at, language),
        "" if run.seed is None else f"{'种子' if language == 'zh' else 'seed'} {run.seed}",
        _mechanism(run.mechanism, language),
        "  ".join(f"{_named(name, language)} {score_text(value)}" for name, value in run.scores.items()),
        run.arm,
    ]


def _mechanism(mechanism: str, language: Language) -> str:
    """Of several places each by its name: `encoder=local cross=dot`."""
    if language == "en" or "=" not in mechanism:
        return mechanism
    places = (each.partition("=") for each in mechanism.split())
    return "，".join(f"{SLOTS.get(slot, slot)} {name}" for slot, _, name in places)


def _named(score: str, language: Language) -> str:
    return score if language == "en" else score_in_chinese(score)


def age(seconds: float, language: Language = "en") -> str:
    """`3 h` of so many seconds, in Chinese with 前 for ago; less than one is none."""
    whole = max(0, int(seconds))
    length, *units = next((unit for unit in UNITS if whole >= unit[0]), UNITS[-1])
    return f"{whole // length} {units[language == 'zh']}"


def _state(state: str, language: Language) -> str:
    return STATES[state] if language == "zh" else state


def _counted(runs: Sequence[ListedRun], language: Language) -> str:
    counted = Counter(_state(run.state, language) for run in runs)
    if language == "zh":
        return f"{len(runs)} 次运行：" + "，".join(f"{number} 次{state}" for state, number in counted.items())
    what = "run" if len(runs) == 1 else "runs"
    return f"{len(runs)} {what}: " + ", ".join(f"{number} {state}" for state, number in counted.items())
