"""The page of a study."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest
from tiny_pages import EVIL, Page, check_page, write_log, write_predictions
from tiny_results import made_results

from attnlab.reporting.charts import library
from attnlab.reporting.numbers import column
from attnlab.study.html.of_study import study_page, subject_of
from attnlab.study.result_files import write_results
from attnlab.study.running import Results


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    found = made_results(tmp_path_factory.mktemp("study"))
    for job in found.jobs:
        write_log(job.folder, steps=[50, 100], score=0.5 + 0.01 * job.seed)
        lines = [{"input": f"{EVIL} {n}", "output": f"{job.arm} {EVIL}", "target": "right"} for n in range(43)]
        write_predictions(job.folder, lines)
    return found


@pytest.fixture(scope="module")
def html(results: Results) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library, "script", lambda: "const vegaEmbed = 0;")
        return study_page(results)


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return check_page(html)


def test_verdicts_come_first_and_then_all_that_they_rest_on(page: Page) -> None:
    assert [text for level, text in page.headings if level == 2] == [
        "Verdicts",
        "Differences",
        "Scores",
        "Quality against cost",
        "Learning curves",
        "Samples side by side",
        "Without learned attention",
        "What the arms are and cost",
        "All scores of the test",
        "Receipts",
    ]
    assert "Better than uniform in accuracy:" in page.of_language["en"]
    assert "additive is better than uniform" in page.text
    assert "additive 在准确率上优于 uniform" in page.text
    assert "1 of 5 runs of none failed" in page.text
    assert {"unstable", "confounded"} <= set(page.of_language["en"])


def test_every_mean_of_results_csv_is_on_the_page(results: Results, page: Page, tmp_path: Path) -> None:
    write_results(results, tmp_path / "results.csv")
    scores = defaultdict(list)
    with (tmp_path / "results.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["score"]:
                scores[row["arm"], row["metric"]].append(float(row["score"]))
    assert len(scores) == 3
    cells = {cell for row in page.rows for cell in row}
    shown = column([sum(found) / len(found) for found in scores.values()])
    for mean, found in zip(shown, scores.values(), strict=True):
        assert f"{mean} ({len(found)})" in cells
    runs = column([each for found in scores.values() for each in found])
    assert {*runs} <= cells


def test_texts_of_anyone_are_no_markup(page: Page, html: str) -> None:
    assert page.text.count(EVIL) >= 6
    assert not any("alert(1)" in each for each in page.scripts)
    assert "<script>alert" not in html


def test_charts_are_data_which_the_script_reads(page: Page) -> None:
    boxes = [each["data-chart"] for each in page.all_of("div") if "data-chart" in each]
    assert boxes[:2] == ["forest", "leaderboard"]
    assert {"against-parameters", "against-flops", "against-time", "val-accuracy", "train-loss"} <= set(boxes)
    assert any(f'"{name}":' in script for name in boxes for script in page.scripts)


def test_a_failed_run_is_among_the_runs_and_has_no_score(page: Page) -> None:
    assert ["none", "4", "diverged", "-", "-"] in page.rows


def test_without_vega_lite_the_page_is_whole(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "installed", lambda: False)
    monkeypatch.setattr("attnlab.reporting.charts.drawn.drawing", lambda figure, *, name: f"data:image/svg+xml,{name}")
    drawn = check_page(study_page(results))
    shown = [each for each in drawn.all_of("img") if each["src"].startswith("data:image/svg+xml")]
    assert {each["data-lang"] for each in shown} == {"en", "zh"}
    assert all(each["alt"] for each in shown)
    assert not any("data-chart" in each for each in drawn.all_of("div"))
    assert "vegaEmbed(" not in "".join(drawn.scripts[:-1])


def test_runs_are_in_the_order_of_the_studys_seeds(results: Results) -> None:
    arms = subject_of(results).of
    assert [run.seed for run in arms["none"].runs] == [0, 1, 2, 3]
    assert [(each.seed, each.how) for each in arms["none"].failures] == [(4, "diverged")]
    assert arms["none"].confounded
    assert not arms["additive"].confounded
