"""Everything that a study leaves, written again."""

import importlib
from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from tiny_results import made_results

from attnlab.reporting.charts import library
from attnlab.study import pages
from attnlab.study.pages import write_pages


def test_pages_written_again_are_the_same_to_the_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "script", lambda: "")
    results = made_results(tmp_path)
    folder = write_pages(results).parent
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    write_pages(results)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert set(before) == {
        "results.csv", "ablations.csv", "costs.csv", "receipts.json", "report.md", "report.zh.md", "report.html",
        "table.tex", "forest.png", "forest.pdf", "forest.svg",
    }  # fmt: skip


def test_below_the_picture_stands_what_uneven_is_where_an_arm_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, said = made_results(tmp_path), []
    module = importlib.import_module("attnlab.reporting.figures.forest_plot")

    def drawn(rows: object, *, title: str, x_label: str, margin: float) -> Figure:
        said.append(x_label)
        return Figure()

    monkeypatch.setattr(module, "forest_plot", drawn)
    monkeypatch.setattr("attnlab.reporting.figures.canvas.save", lambda figure, path: path)
    for marks in (("uneven",), ()):
        verdicts = tuple(replace(each, marks=marks) for each in results.judgement.verdicts)
        pages._draw(replace(results, judgements={5: replace(results.judgement, verdicts=verdicts)}), tmp_path)
    assert ["uneven: " in each for each in said] == [True, False]
