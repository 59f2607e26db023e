"""What arms cost, on a page."""

from dataclasses import replace
from pathlib import Path

import pytest
from tiny_compared import write_runs
from tiny_results import made_results

from attnlab.reporting.pages.report.contents import plain
from attnlab.study.comparing.comparison import compared
from attnlab.study.html import costs
from attnlab.study.html.of_comparison import subject_of as compared_subject
from attnlab.study.html.of_study import subject_of
from attnlab.study.html.subject import Subject


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    return subject_of(made_results(tmp_path_factory.mktemp("study")))


def test_quality_stands_against_parameters_operations_and_measured_time(subject: Subject) -> None:
    charts = {each.name: each.table for each in costs.against_costs(subject)}
    assert list(charts) == ["against-parameters", "against-flops", "against-time"]
    assert [row[1].english for row in charts["against-parameters"].rows] == ["1,234"] * 3
    assert [row[1].english for row in charts["against-flops"].rows] == ["7,000", "7,000", "-"]
    assert [row[1].english for row in charts["against-time"].rows] == ["222.2"] * 3
    assert [row[2].english for row in charts["against-time"].rows] == ["222.2 - 222.2"] * 3
    assert charts["against-time"].heads[1].english == "training time of an image (milliseconds, as measured)"


def test_time_is_in_a_unit_of_which_there_is_one_at_least(tmp_path: Path) -> None:
    for rate, shown, unit in ((20_000.0, "50.00", "microseconds"), (0.25, "4.000", "seconds")):
        record = {"tokens_per_second": rate}
        for name in ("dot", "uniform"):
            write_runs(tmp_path / str(rate) / name, name, seeds=range(2), record=record)
        found = compared_subject(compared([[tmp_path / str(rate)]]))
        [chart] = costs.against_costs(found)
        assert [row[1].english for row in chart.table.rows] == [shown] * 2
        assert chart.table.heads[1].english == f"training time of a token ({unit}, as measured)"
        assert "no verdict" in chart.about.english


def test_of_found_runs_only_what_they_recorded_is_known(tmp_path: Path) -> None:
    record = {"parameters": {"total": 99}}
    for name in ("dot", "uniform"):
        write_runs(tmp_path / name, name, seeds=range(2), record=record)
    subject = compared_subject(compared([[tmp_path]]))
    [chart] = costs.against_costs(subject)
    assert [row[1].english for row in chart.table.rows] == ["99", "99"]
    assert costs.cost_table(subject.arms) is None


def test_the_ledger_has_every_count_and_every_difference(subject: Subject) -> None:
    table = costs.cost_table(subject.arms)
    assert table is not None
    assert all(len(row) == len(table.heads) for row in table.rows)
    assert [cell.english for cell in table.rows[0]] == [
        "uniform", "1,234", "1,230", "56", "7,000", "21,000", "89", "8", "16", "32", "cross=uniform",
    ]  # fmt: skip
    assert [cell.english for cell in table.rows[2]][:5] == ["none (confounded)", "1,234", "1,230", "56", "-"]
    differences = costs.difference_table(subject)
    assert differences is not None
    assert [row[1].english for row in differences.rows] == ["model.attention.core._target_", "model.depth"]
    assert [row[4].chinese for row in differences.rows] == ["机制", "混杂"]


def test_without_differences_there_is_no_table_of_them(subject: Subject) -> None:
    assert (
        costs.difference_table(replace(subject, arms=[replace(each, differences=()) for each in subject.arms])) is None
    )


def test_the_ledger_holds_the_tables_there_are_and_what_is_said_of_them(subject: Subject) -> None:
    found = costs.ledger(subject, about=[])
    assert found is not None
    assert found.tables == [costs.cost_table(subject.arms), costs.difference_table(subject)]
    bare = replace(subject, arms=[replace(each, differences=(), costs=None) for each in subject.arms])
    assert costs.ledger(bare, about=[]) is None
    said = costs.ledger(bare, about=[plain("as counted")])
    assert said is not None
    assert (said.about, said.tables) == ([plain("as counted")], [])
