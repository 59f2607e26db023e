"""`examples.jsonl`: what each test example adds to the scores of a run, a line each."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from attnlab.data.module import DataModule
from attnlab.files import write_lines
from attnlab.metrics.records.contract import NAME, SCHEMA, Records


def write(
    directory: Path, records: Records, data: DataModule, *, signatures: Mapping[str, str], name: str = NAME
) -> None:
    """Write them, unless there is nothing to write; or others of this form, under another name.

    The first line says how scores are had from the others, each of which is an example: `id`, `cluster`, the name of
    what it stands in with others, as verses in a chapter, or its id where it stands alone, and its statistics.
    """
    if records.examples or records.of_run:
        write_lines(directory / name, _lines(records, data, signatures))


def _lines(records: Records, data: DataModule, signatures: Mapping[str, str]) -> Iterator[str]:
    clusters = data.clusters.get("test")
    head = {
        "schema": SCHEMA,
        "examples": len(records.examples),
        "clusters": None if clusters is None else clusters.kind,
        "scores": {name: score._asdict() for name, score in records.scores.items()},
        "without": records.without,
        "of_run": records.of_run,
        "signatures": signatures,
    }
    yield _line(head)
    for number, statistics in records.examples.items():
        yield _line({"id": number, "cluster": number if clusters is None else clusters.names[number], **statistics})


def _line(values: Mapping[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
