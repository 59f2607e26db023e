"""The page of a study."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_results import made_results
from tiny_tuning import finish, made_tuned_plan, trial_of

from attnlab.runs import run_folder
from attnlab.study.marks import ledger
from attnlab.study.report import report_lines, table
from attnlab.study.running import Results
from attnlab.study.tuning.outcomes import best_trials
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
        "Arms against each other",
        "What each arm costs",
        "Settings that differ from uniform's",
        "Without learned attention",
        "Receipts",
    ]
    assert "additive is better than uniform" in page
    assert "1 of 5 runs of none failed" in page
    assert "| additive | 0.9000 | 0.4000 | -0.5000 | 0.1414 | 2 | - |" in page
    assert "| none | - | - | - | - | 0 | it has none |" in page


def test_what_was_done_stands_before_any_verdict_in_both_languages(results: Results) -> None:
    for words, task in ((english, "Task: image_classification; 8 updates a run."), (chinese, "任务：图像分类；")):
        lines = list(report_lines(results, words))
        did = next(number for number, line in enumerate(lines) if line.startswith(task))
        assert did < lines.index(f"## {words.TITLES.verdicts}")


def test_the_chinese_page_has_the_same_rows_and_no_english_title(results: Results) -> None:
    pages = [list(report_lines(results, words)) for words in (english, chinese)]
    assert len(pages[0]) == len(pages[1])
    for one, other in zip(*pages, strict=True):
        assert one.count("|") == other.count("|")
        if one.startswith("## "):
            assert re.search(r"[\u4e00-\u9fff]", other)
    text = "\n".join(pages[1])
    assert "additive 在准确率上优于 uniform" in text
    assert "none 的 5 次运行中有 1 次失败" in text
    assert "[English](report.md)" in text


def test_what_all_runs_have_in_common_is_said_in_both_languages(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = run_folder.finished
    monkeypatch.setattr(
        "attnlab.runs.run_folder.finished", lambda folder: (record(folder) or {}) | {"task": "ner", "steps": 7}
    )
    assert "Task: ner; 7 updates a run." in "\n".join(report_lines(results, english))
    assert "任务：命名实体识别；每次运行 7 次更新。" in "\n".join(report_lines(results, chinese))


def test_a_table_takes_any_text() -> None:
    assert list(table(["a"], [["x|y"]]))[-1] == r"| x\|y |"
    assert list(table(["a"], [])) == []


def test_a_tuned_study_says_by_how_much_and_what_it_took(results: Results, tmp_path: Path) -> None:
    plan = made_tuned_plan(tmp_path)
    for number, score in ((1, 0.25), (2, 0.75)):
        for arm in ("uniform", "additive", "none"):
            finish(trial_of(plan, arm, number), score)
    assert plan.tuning is not None
    tuning = replace(plan.tuning, chosen=best_trials(plan))
    judgement = replace(results.judgement, trials=3)
    tuned = replace(
        results,
        plan=replace(results.plan, study=plan.study, tuning=tuning, folder=plan.folder),
        judgements={5: judgement},
    )
    for words, said in (
        (english, "was tuned by 3 trials, on validation"),
        (chinese, "都只凭验证集调参 3 次"),
    ):
        page = "\n".join(report_lines(tuned, words))
        assert said in page
        assert f"## {words.TITLES.tuning}" in page
        assert "| additive | 3 | 0 | 2 | 0.75 | optimizer.lr=0.2 | 16 | 5 |" in page
    assert "Tuning took 6 runs, 48 updates and 15 s besides." in ledger(tuned)
