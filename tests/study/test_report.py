"""The page of a study."""

import re

import pytest
from tiny_results import made_results

from attnlab.study.report import report_lines, table
from attnlab.study.running import Results
from attnlab.study.wording import chinese, english


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return made_results(tmp_path_factory.mktemp("study"))


def test_the_report_has_verdicts_first_and_all_that_they_rest_on(results: Results) -> None:
    page = "\n".join(report_lines(results, english))
    titles = [line[3:] for line in page.splitlines() if line.startswith("## ")]
    assert titles == [
        "Verdicts",
        "What must be known",
        "What each arm costs",
        "Differences from uniform",
        "Without what attention has learned",
        "Receipts",
    ]
    assert "additive is better than uniform" in page
    assert "1 of 5 runs of none failed" in page
    assert "| additive | 0.9 | 0.4 | -0.5 | 0.14 | 2 | - |" in page
    assert "| none | - | - | - | - | 0 | it has none |" in page


def test_the_chinese_page_has_the_same_rows_and_no_english_title(results: Results) -> None:
    pages = [list(report_lines(results, words)) for words in (english, chinese)]
    assert len(pages[0]) == len(pages[1])
    for one, other in zip(*pages, strict=True):
        assert one.count("|") == other.count("|")
        if one.startswith("## "):
            assert re.search(r"[\u4e00-\u9fff]", other)
    text = "\n".join(pages[1])
    assert "additive 在 accuracy 上优于 uniform" in text
    assert "none 的 5 次运行中有 1 次失败" in text
    assert "[English](report.md)" in text


def test_a_table_takes_any_text() -> None:
    assert list(table(["a"], [["x|y"]]))[-1] == r"| x\|y |"
    assert list(table(["a"], [])) == []
