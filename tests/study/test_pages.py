"""What a study leaves in its folder; nothing is trained here."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_runs import EXAMPLES, arm_folders
from tiny_study import made_plan

from attnlab.study.ablations import Ablation
from attnlab.study.job_states import State
from attnlab.study.judged import Judged
from attnlab.study.judging import judged_groups
from attnlab.study.latex import escaped, latex_lines
from attnlab.study.marks import ledger, marks
from attnlab.study.pages import write_pages
from attnlab.study.report import report_lines, table
from attnlab.study.running import Results

RECORD: dict[str, Any] = {
    "best": {"score": 1.0},
    "wall_seconds": 12.3,
    "images_per_second": 4.5,
    "steps": 8,
    "command": "attnlab train attention=additive",
    "git_commit": "c" * 40,
    "lock": "f" * 64,
    "hardware": {"cpu": "Some CPU", "cores": 2, "device": "cpu"},
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Of three arms, one of whose runs failed."""
    folder = tmp_path_factory.mktemp("study")
    rights = {"uniform": 0.3, "additive": 0.9, "none": 0.4}
    runs = {name: arm_folders(folder / name, right=right, **RECORD) for name, right in rights.items()}
    plan = made_plan(seeds=5)
    jobs = tuple(replace(job, folder=runs[job.arm][job.seed]) for job in plan.jobs)
    failed = next(job for job in jobs if (job.arm, job.seed) == ("none", 4))
    judgement = judged_groups(
        runs | {"none": runs["none"][:4]},
        control="uniform",
        metric="accuracy",
        higher_is_better=True,
        margin=0.01,
        failed={"none": 1},
    )
    return Results(
        replace(
            plan, jobs=jobs, folder=folder / "results", judged=Judged(metric="accuracy", better="max", margin=0.01)
        ),
        {5: judgement},
        jobs,
        {failed.folder: State("diverged", "the loss is nan")},
        {"additive": Ablation(0, 0.9, 0.3), "none": Ablation(0, None, None, "it has none")},
    )


@pytest.fixture(scope="module")
def folder(results: Results) -> Path:
    return write_pages(results).parent


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_scores_stand_by_arm_seed_and_metric_and_read_back_the_same(folder: Path, results: Results) -> None:
    rows = _rows(folder / "results.csv")
    assert [(row["arm"], row["seed"]) for row in rows] == [
        (name, str(seed)) for name in ("uniform", "additive", "none") for seed in range(5)
    ]
    reported = [run.reported["accuracy"] for run in results.judgement.groups["additive"].runs]
    assert [float(row["score"]) for row in rows[5:10]] == reported
    assert list(rows[-1].values()) == ["none", "4", "diverged", "", ""]
    assert "12.3" not in (folder / "results.csv").read_text()


def test_costs_and_receipts_are_of_runs_that_finished(folder: Path) -> None:
    costs = _rows(folder / "costs.csv")
    assert len(costs) == 14
    assert (costs[0]["train_seconds"], costs[0]["per_second"], costs[0]["flops_training"]) == ("12.3", "4.5", "21000")
    assert costs[-1]["flops_forward"] == ""
    receipts = json.loads((folder / "receipts.json").read_text())
    assert len(receipts) == 14
    for key in ("command", "config", "results", "commit", "lock", "data", "hardware"):
        assert receipts[0][key] is not None, key


def test_pages_written_again_are_the_same_to_the_byte(folder: Path, results: Results) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    write_pages(results)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert set(before) == {
        "results.csv", "costs.csv", "receipts.json", "report.md", "table.tex", "forest.png", "forest.svg",
    }  # fmt: skip


def test_every_page_says_what_is_confounded_matched_from_afar_and_failed(results: Results) -> None:
    for page in (report_lines(results), latex_lines(results), marks(results)):
        text = "\n".join(page).replace("\\", "")
        assert "none is confounded: it differs from uniform in more than its attention (model.depth)." in text
        assert "additive has +3.00% of the control's none" in text
        assert "more than 2 %" in text
        assert "none with seed 4 diverged: the loss is nan." in text
    assert "additive 1,234 and 7,000, none 1,234." in ledger(results)
    assert ledger(results) in "\n".join(latex_lines(results)).replace("\\", "")


def test_the_report_has_verdicts_first_and_all_that_they_rest_on(results: Results) -> None:
    page = "\n".join(report_lines(results))
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
    assert "| additive | 0.9 | 0.3 | -0.6 |" in page
    assert f"{EXAMPLES}" not in page  # no example's value


def test_earlier_looks_that_found_otherwise_are_told(results: Results) -> None:
    looked = replace(results.plan.study, looks=(5, 10))
    first = replace(results.judgement, verdicts=results.judgement.verdicts[::-1])
    swapped = replace(first, verdicts=tuple(replace(each, finding="the same") for each in results.judgement.verdicts))
    twice = replace(results, plan=replace(results.plan, study=looked), judgements={5: swapped, 10: results.judgement})
    said = list(marks(twice))
    assert "Looks were planned at seeds 5 at alpha 0.01, 10 at alpha 0.04; the last taken was at 10." in said
    assert "At 5 seeds additive was the same." in said


def test_latex_and_markdown_take_any_text() -> None:
    assert escaped("a_b & 50 % < x\\y") == r"a\_b \& 50 \% \textless{} x\textbackslash{}y"
    assert list(table(["a"], [["x|y"]]))[-1] == r"| x\|y |"
    assert list(table(["a"], [])) == []
