"""Everything that a study leaves, written again."""

from pathlib import Path

import pytest
from tiny_results import made_results

from attnlab.reporting.charts import library
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
