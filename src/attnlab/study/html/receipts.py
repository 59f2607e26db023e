"""By what a page's numbers were computed, and how they can be had again."""

import re
from collections.abc import Iterator
from typing import Any

from attnlab.reporting.glossary import score_in_chinese, score_in_english
from attnlab.reporting.numbers import NOTHING, column
from attnlab.reporting.pages.report.contents import Command, Table, Text, plain
from attnlab.study.html.subject import Run, Subject
from attnlab.study.wording import chinese, english
from attnlab.study.wording.contract import Wording

PARTS = ("results", "commit", "lock", "data", "hardware", "precision", "devices", "versions")
SHORT = 12  # digits of a hash
HASH = re.compile("[0-9a-f]{32,}")


def receipts(subject: Subject) -> Iterator[tuple[Text, Text]]:
    """What the runs have on record, each value once."""
    runs = [run for arm in subject.arms for run in arm.runs]
    for what in PARTS if runs else ():
        values = [recorded(run, what) for run in runs]
        name = Text(english.receipt(what), chinese.receipt(what))
        texts = ["; ".join(dict.fromkeys(_shown(each, words) for each in values)) for words in (english, chinese)]
        yield name, Text(*texts)


def recorded(run: Run, what: str) -> Any:
    """What a run has on record, which anyone may have written; None where there is nothing."""
    if what == "data":
        data = run.record.get("data")
        return data.get("checksum") if isinstance(data, dict) else None
    return run.record.get("git_commit" if what == "commit" else what)


def _shown(value: Any, words: Wording) -> str:
    if value is None:
        return words.NOT_RECORDED
    if isinstance(value, dict):
        return ", ".join(f"{words.receipt(str(key))} {each}" for key, each in value.items())
    text = str(value)
    return text[:SHORT] if HASH.fullmatch(text) else text


def run_table(subject: Subject) -> Table:
    """Every run with its score, and those that failed."""
    rows = []
    scores = {run.folder: run.scores.get(subject.metric) for arm in subject.arms for run in arm.runs}
    written = dict(zip(scores, column(list(scores.values())), strict=True))
    for arm in subject.arms:
        for run in arm.runs:
            shown = written[run.folder]
            cells = (arm.name, str(run.seed), shown, str(run.folder), str(run.record.get("command") or NOTHING))
            rows.append([plain(each) for each in cells])
        for failure in arm.failures:
            how = Text(english.status(failure.how), chinese.status(failure.how))
            rows.append([plain(arm.name), plain(str(failure.seed)), how, plain(NOTHING), plain(NOTHING)])
    return Table(
        name="run-table",
        caption=Text("Every run", "每次运行"),
        heads=[
            Text("arm", "组"),
            Text("seed", "种子"),
            Text(score_in_english(subject.metric), score_in_chinese(subject.metric)),
            Text("folder", "目录"),
            Text("command", "命令"),
        ],
        rows=rows,
        words=(0, 3, 4),
        commands=4,
    )


def commands(subject: Subject) -> Iterator[Command]:
    """That of the whole, where there is one, then that of each arm's runs."""
    if subject.command is not None:
        yield Command(name=Text("All of it, runs and pages:", "全部运行和网页："), arm=None, line=subject.command)
    for arm in subject.arms:
        seeds = "/".join(str(seed) for seed in [*(run.seed for run in arm.runs), *(each.seed for each in arm.failures)])
        if arm.command is not None:
            yield Command(
                name=Text(
                    f"A run of {arm.name}, with {seeds} for SEED:", f"{arm.name} 的一次运行，SEED 换成 {seeds}："
                ),
                arm=arm.name,
                line=arm.command,
            )
