"""The page with all its parts, and with the real script of charts."""

from pathlib import Path

import pytest
from tiny_pages import check_page
from tiny_results import made_results

from attnlab.reporting.charts import library
from attnlab.reporting.pages.report.contents import Text
from attnlab.study.html.of_study import subject_of
from attnlab.study.html.page import page_of

MOST_BYTES = 2_000_000


def test_with_its_charts_a_page_is_one_file_of_no_great_size(tmp_path: Path) -> None:
    library.script.cache_clear()
    html = page_of(subject_of(made_results(tmp_path)), ledger_about=[Text("said so", "如此")])
    assert len(html.encode()) < MOST_BYTES
    page = check_page(html)
    assert any("vegaEmbed=" in script for script in page.scripts)
    assert "said so" in page.of_language["en"]


@pytest.mark.parametrize("gone", ["ablation", "maps"])
def test_what_there_is_nothing_of_has_no_section(gone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "script", lambda: "")
    page = check_page(page_of(subject_of(made_results(tmp_path))))
    assert gone not in {each.get("id") for each in page.all_of("section")}
