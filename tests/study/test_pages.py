"""Everything that a study leaves, written again."""

from pathlib import Path

from tiny_results import made_results

from attnlab.study.pages import write_pages


def test_pages_written_again_are_the_same_to_the_byte(tmp_path: Path) -> None:
    results = made_results(tmp_path)
    folder = write_pages(results).parent
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    write_pages(results)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert set(before) == {
        "results.csv", "costs.csv", "receipts.json", "report.md", "report.zh.md", "table.tex",
        "forest.png", "forest.svg",
    }  # fmt: skip
