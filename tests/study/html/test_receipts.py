"""By what a page's numbers were computed."""

from pathlib import Path

from tiny_results import made_results

from attnlab.reporting.pages.report.contents import Text
from attnlab.study.html import receipts
from attnlab.study.html.of_study import subject_of
from attnlab.study.wording import english


def test_each_receipt_stands_once_and_what_is_not_on_record_says_so(tmp_path: Path) -> None:
    subject = subject_of(made_results(tmp_path))
    found = {what.english: which for what, which in receipts.receipts(subject)}
    assert list(found) == [english.receipt(what) for what in receipts.PARTS]
    assert found["hardware"].chinese == "处理器 Some CPU, 核数 2, 设备 cpu"
    assert found["commit of the code"] == Text("c" * 12, "c" * 12)
    assert found["hardware"].english == "cpu Some CPU, cores 2, device cpu"
    assert found["precision"] == Text("not recorded", "未记录")
    subject.arms[0].runs[0].record["git_commit"] = "d" * 40  # type: ignore[index]
    assert dict(receipts.receipts(subject))[Text("commit of the code", "提交")].english == f"{'d' * 12}; {'c' * 12}"
    subject.arms[0].runs[0].record["data"] = ["no data"]  # type: ignore[index]
    subject.arms[0].runs[0].record["versions"] = {"torch": ["2"]}  # type: ignore[index]
    said = {what.english: which.english for what, which in receipts.receipts(subject)}
    assert (said["checksum of the data"], said["versions"]) == ("not recorded; abc", "torch ['2']; not recorded")


def test_every_run_has_its_score_and_a_command(tmp_path: Path) -> None:
    subject = subject_of(made_results(tmp_path))
    rows = [[cell.english for cell in row] for row in receipts.run_table(subject).rows]
    assert len(rows) == 15
    run = subject.of["uniform"].runs[0]
    assert rows[0] == [
        "uniform",
        "0",
        f"{run.scores['accuracy']:.4f}",
        str(run.folder),
        "attnlab train attention=additive",
    ]
    assert rows[-1] == ["none", "4", "diverged", "-", "-"]
    assert [each.line for each in receipts.commands(subject)] == [
        "attnlab study small",
        *["attnlab train seed=SEED"] * 3,
    ]
    assert [each.arm for each in receipts.commands(subject)] == [None, "uniform", "additive", "none"]
    assert "with 0/1/2/3/4 for SEED" in [*receipts.commands(subject)][-1].name.english
