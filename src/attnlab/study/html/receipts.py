"""By what a page's numbers were computed, and how they can be had again."""

from collections.abc import Iterator
from typing import Any

from attnlab.reporting.pages.report.contents import Command, Table, Text, plain
from attnlab.study.html.subject import Run, Subject
from attnlab.study.verdict_table import NOTHING
from attnlab.study.wording import chinese, english

PARTS = ("results", "commit", "lock", "data", "hardware", "precision", "devices", "versions")
SHORT = 12  # digits of a hash


def receipts(subject: Subject) -> Iterator[tuple[Text, Text]]:
    """What the runs have on record, each value once."""
    runs = [run for arm in subject.arms for run in arm.runs]
    for what in PARTS if runs else ():
        values = list(dict.fromkeys(_of(run, what) for run in runs))
        texts = [Text(_shown(each, english.NOT_RECORDED), _shown(each, chinese.NOT_RECORDED)) for each in values]
        name = Text(english.receipt(what), chinese.receipt(what))
        yield name, Text("; ".join(each[0] for each in texts), "；".join(each[1] for each in texts))


def _of(run: Run, what: str) -> Any:
    """As something that can be told from others."""
    value = (run.record.get("data") or {}).get("checksum") if what == "data" else run.record.get(NAMES.get(what, what))
    return tuple(value.items()) if isinstance(value, dict) else value


NAMES = {"commit": "git_commit"}


def _shown(value: Any, lacking: str) -> str:
    if value is None:
        return lacking
    if isinstance(value, tuple):
        return ", ".join(f"{key} {each}" for key, each in value)
    return value[:SHORT] if isinstance(value, str) and len(value) == len(value.encode()) > 2 * SHORT else str(value)


def run_table(subject: Subject) -> Table:
    """Every run with its score to the last digit, and those that failed."""
    rows = []
    for arm in subject.arms:
        for run in arm.runs:
            score = run.scores.get(subject.metric)
            shown = NOTHING if score is None else repr(float(score))
            cells = (arm.name, str(run.seed), shown, str(run.folder), str(run.record.get("command") or NOTHING))
            rows.append([plain(each) for each in cells])
        failed = [(arm.name, str(failure.seed), failure.how, NOTHING, NOTHING) for failure in arm.failures]
        rows += [[plain(each) for each in cells] for cells in failed]
    return Table(
        name="run-table",
        caption=Text("Every run", "每次运行"),
        heads=[
            Text("arm", "组"),
            Text("seed", "种子"),
            plain(subject.metric),
            Text("folder", "文件夹"),
            Text("command", "命令"),
        ],
        rows=rows,
        words=(0, 3, 4),
    )


def commands(subject: Subject) -> Iterator[Command]:
    """That of each arm's runs."""
    for arm in subject.arms:
        if arm.command is not None:
            yield Command(
                name=Text(f"A run of {arm.name}:", f"{arm.name} 的一次运行："), arm=arm.name, line=arm.command
            )
