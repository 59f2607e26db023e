"""All that is said of one data set."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attnlab.errors import UserError
from attnlab.reporting.glossary import task_in_chinese
from attnlab.reporting.messages.chinese import said_in_chinese
from attnlab.reporting.pages.data_page import ShownBatch, ShownExample
from attnlab.reporting.pages.report.contents import Table, Text, plain

if TYPE_CHECKING:
    from attnlab.data.description.description import Description
    from attnlab.data.module import DataModule

SPOKEN = "attnlab"  # the loggers by which reading data says what is wrong with it


@dataclass(frozen=True, kw_only=True)
class SetShown:
    """A data set that has been read.

    Attributes:
        facts: pairs of what and which.
        notes: what must be said where a table would be empty.
        warnings: what training would say of the data, in order.
        refused: why training would stop at the data though it can be read; as all errors, in English.
        content: all numbers as plain values.
    """

    title: str
    facts: Sequence[tuple[Text, Text]]
    tables: Sequence[Table]
    notes: Sequence[Text]
    warnings: Sequence[Text]
    refused: str | None
    batches: Sequence[ShownBatch]
    content: Mapping[str, Any]


def read(name: str, config: Mapping[str, Any], *, num: int) -> SetShown:
    """Prepare a run's data and describe it, with `num` examples of each split.

    Raises:
        UserError: the data can't be read. What only its task or model refuses is part of what is shown.
    """
    from attnlab.data.description.describe import described, first_batches
    from attnlab.runs import build
    from attnlab.runs.own_files import told_who_reads_own_files

    with _heard() as warnings:
        data: DataModule = build.checked_data(dict(config))
        with told_who_reads_own_files(dict(config)):
            data.prepare_data()
        found = described(data)
        batches = first_batches(data, num=num)
        refused = _refused(config, data)
    return _shown(name, config, data, found, batches, warnings, refused)


def _refused(config: Mapping[str, Any], data: "DataModule") -> str | None:
    """What training would say instead of beginning; None where it would begin."""
    from attnlab.runs.beginning import check_begins

    try:
        check_begins(dict(config), data)
    except UserError as error:
        return str(error)
    return None


def _shown(
    name: str,
    config: Mapping[str, Any],
    data: "DataModule",
    found: "Description",
    batches: Sequence[ShownBatch],
    warnings: Sequence[str],
    refused: str | None,
) -> SetShown:
    from attnlab.commands.data.tables import no_doubles, tables_of
    from attnlab.runs.opening import name_of_data

    task, kind = str(config["run_path"]).partition("/")[0], name_of_data(config["data"])
    facts = [
        (Text("data", "数据"), plain(f"{name} ({kind})")),
        (Text("task", "任务"), Text(task, task_in_chinese(task))),
        (Text("folder", "目录"), _folder(config["data"], data.root)),
        (Text("checksum", "校验和"), plain(data.checksum[:12])),
        (Text("model's sizes", "模型的大小"), plain(", ".join(f"{key} {size}" for key, size in data.sizes.items()))),
    ]
    none_twice = no_doubles(found)
    return SetShown(
        title=name,
        facts=facts,
        tables=tables_of(found),
        notes=[none_twice] if none_twice else [],
        warnings=[Text(each, said_in_chinese(each) or f"“{each}”") for each in warnings],
        refused=refused,
        batches=batches,
        content={
            "data": name,
            "class": kind,
            "task": task,
            "checksum": data.checksum,
            "sizes": data.sizes,
            **asdict(found),
            "warnings": list(warnings),
            "refused": refused,
            "summary": data.summary,
            "batches": [_plain_batch(each) for each in batches],
        },
    )


def _folder(config: Mapping[str, Any], root: Path | None) -> Text:
    """Which folder was read."""
    if root is not None:
        return plain(str(root))
    from attnlab.data.origin import Origin, origin_of

    here = Path.cwd()
    told = {
        Origin.MADE_UP: Text("none: it is made up", "没有：是造出来的"),
        Origin.BUNDLED: Text("bundled", "随包附带的"),
        Origin.DOWNLOADED: Text("downloaded", "下载的"),
        Origin.OWN: Text(f"{here} (the current one: data.root is null)", f"{here}（当前目录：data.root 为 null）"),
        None: Text("what its own class reads", "由它自己的类读取"),
    }
    return told[origin_of(config)]


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What is warned of within, instead of on the screen, once each."""
    heard: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if (message := record.getMessage()) not in heard:
                heard.append(message)

    logger, ear = logging.getLogger(SPOKEN), Ear(logging.WARNING)
    propagated, logger.propagate = logger.propagate, False
    logger.addHandler(ear)
    try:
        yield heard
    finally:
        logger.removeHandler(ear)
        logger.propagate = propagated


def _plain_batch(batch: ShownBatch) -> dict[str, Any]:
    return {
        "split": batch.split,
        "rows": batch.rows,
        "shapes": {name: list(shape) for name, shape in batch.shapes},
        "padding": batch.padding,
        "examples": [_plain_example(each) for each in batch.examples],
    }


def _plain_example(each: ShownExample) -> dict[str, Any]:
    return {
        "number": each.number,
        "name": each.name,
        "label": each.label,
        "lines": [
            {"of": line.of, "cut": line.cut, "pieces": [piece._asdict() for piece in line.pieces]}
            for line in each.lines
        ],
        "boxes": None if each.boxes is None else [box._asdict() for box in each.boxes],
    }
