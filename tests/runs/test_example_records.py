"""What stands in `examples.jsonl`."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from attnlab.data.clusters import Clusters
from attnlab.data.module import DataModule
from attnlab.metrics.records.contract import Records, Score
from attnlab.runs.example_records import write
from attnlab.study.record_lines import read_lines

RECORDS = Records(
    {1: {"accuracy": [1, 1]}, 3: {"accuracy": [0, 1]}}, {"accuracy": Score("mean", "accuracy")}, {"loss": "why"}
)


def _data(**clusters: Clusters) -> DataModule:
    return cast(DataModule, SimpleNamespace(clusters=clusters))


def _lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "examples.jsonl").read_text(encoding="utf-8").splitlines()]


def test_a_head_says_how_scores_are_had_and_each_line_is_an_example(tmp_path: Path) -> None:
    write(tmp_path, RECORDS, _data(), signatures={"accuracy": "by hand"})
    head, *rows = _lines(tmp_path)
    assert (head["schema"], head["examples"], head["clusters"]) == (1, 2, None)
    assert head["scores"] == {"accuracy": {"rule": "mean", "of": "accuracy", "part": ""}}
    assert (head["without"], head["signatures"]) == ({"loss": "why"}, {"accuracy": "by hand"})
    assert rows == [{"id": 1, "cluster": 1, "accuracy": [1, 1]}, {"id": 3, "cluster": 3, "accuracy": [0, 1]}]
    assert read_lines(tmp_path / "examples.jsonl", known=["accuracy"]).records.examples == RECORDS.examples


def test_examples_say_what_they_stand_in_by_their_numbers(tmp_path: Path) -> None:
    chapters = Clusters("chapter", ["Ruth 1", "Ruth 1", "Ruth 2", "Éxodo 2"])
    write(tmp_path, RECORDS, _data(train=Clusters("x", []), test=chapters), signatures={})
    head, *rows = _lines(tmp_path)
    assert head["clusters"] == "chapter"
    assert [row["cluster"] for row in rows] == ["Ruth 1", "Éxodo 2"]


def test_values_of_the_run_alone_are_written_too_and_nothing_is_not(tmp_path: Path) -> None:
    write(tmp_path, Records(), _data(), signatures={})
    assert not list(tmp_path.iterdir())
    write(tmp_path, Records(of_run={"fid_x": {"score": 0.5}}), _data(), signatures={})
    [head] = _lines(tmp_path)
    assert head["of_run"] == {"fid_x": {"score": 0.5}}
