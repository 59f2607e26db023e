"""What is printed of a run: a row for each thing to know, whatever its task."""

import json
from pathlib import Path
from typing import Any

import pytest

from attnlab.reading.shown import without_controls
from attnlab.reporting.terminal.run_summary import run_summary
from attnlab.reporting.terminal.text import one_line

RESULTS: dict[str, Any] = {
    "name": "tiny",
    "test": {"loss": 0.51234, "f1": 0.75, "precision": 0.7, "recall": 0.8, "kid": 0.0123, "kid_error": 0.00045},
    "best": {"monitor": "val/loss", "score": 0.5, "step": 7},
    "parameters": {"total": 12345, "trainable": 12000},
    "attention_slots": {},
    "tokens_per_second": None,
    "padding_share": None,
    "wall_seconds": 90.0,
}
BEST = "checkpoints/best.ckpt"
FILES = {
    BEST: "best checkpoint",
    "metrics.json": "scores",
    "maps/*.png": "attention maps",
    "confusion.png": "confusion",
}


def _readable(given: str, output: Any) -> str:
    return f"<{output}>"


def _lines(directory: Path, **changes: Any) -> list[str]:
    results = RESULTS | changes
    return list(run_summary(directory, results, headline="finished: 8 updates", readable=_readable, files=FILES))


def test_scores_that_belong_together_share_a_row(tmp_path: Path) -> None:
    assert _lines(tmp_path) == [
        "\ntiny finished: 8 updates",
        "  test loss               0.5123",
        "  test f1                 0.75 (precision 0.7, recall 0.8)",
        "  test kid                0.0123 (standard error 0.00045)",
        "  best val/loss           0.5 at update 7",
        "  parameters              12,345",
        "  time                    1.5 min",
        "files",
    ]


def test_a_checkpoint_that_nothing_chose_is_called_the_last(tmp_path: Path) -> None:
    (tmp_path / BEST).parent.mkdir()
    (tmp_path / BEST).touch()
    assert _lines(tmp_path)[-1] == f"  best checkpoint         {tmp_path / BEST}"
    nothing = {"monitor": "val/loss", "score": None, "step": None}
    assert _lines(tmp_path, best=nothing)[-1] == f"  last checkpoint         {tmp_path / BEST}"


def test_in_chinese_the_same_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    (tmp_path / "metrics.json").touch()
    assert _lines(tmp_path, tokens_per_second=5.0, padding_share=0.5)[1:] == [
        "  测试集损失              0.5123",
        "  测试集 F1               0.75（精确率 0.7，召回率 0.8）",
        "  测试集 KID              0.0123（标准误 0.00045）",
        "  最佳的验证集损失        0.5，第 7 次更新时",
        "  参数量                  12,345",
        "  训练速度（词元/秒）     5",
        "  填充比例                50.0%",
        "  用时                    1.5 分钟",
        "文件",
        f"  分数                    {tmp_path / 'metrics.json'}",
    ]


def test_in_chinese_a_warning_in_other_words_says_what_it_is_about_before_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    warnings = [
        {"kind": "few_samples", "message": "only 3"},
        {"kind": "mode_collapse", "message": "alike", "first_step": 5, "last_step": None},
        {"kind": "of_ones_own", "message": "so it is"},
    ]
    assert _lines(tmp_path, warnings=warnings)[5:8] == [
        "  警告                    样本太少，分数有偏，与样本更多时的分数不可比：“only 3”",
        "  警告                    生成器模式崩溃：“alike”（第 5 次更新到最后）",
        "  警告                    运行记录了一条警告：“so it is”",
    ]


def test_a_precision_of_what_isnt_there_to_be_found_has_no_row(tmp_path: Path) -> None:
    lines = _lines(tmp_path, test={"precision_per": 0.0, "precision_PER": 0.5, "recall_PER": 0.5, "f1_PER": 0.5})
    assert lines[1] == "  test f1_PER             0.5 (precision 0.5, recall 0.5)"
    assert not any("precision_per" in each for each in lines)


def test_a_precision_without_its_kin_has_a_row_of_its_own(tmp_path: Path) -> None:
    lines = _lines(tmp_path, test={"precision": 0.7, "recall": 0.8})
    assert lines[1:3] == ["  test precision          0.7", "  test recall             0.8"]


def test_what_a_run_hasnt_got_has_no_row_and_what_it_has_does(tmp_path: Path) -> None:
    assert not any("best" in line for line in _lines(tmp_path, best={"monitor": "val/loss", "score": None, "step": 0}))
    more = {
        "parameters": {"total": 30, "trainable": 30, "generator": 10, "discriminator": 20},
        "attention_slots": {"cross": "additive"},
        "tokens_per_second": 1234.5,
        "padding_share": 0.25,
        "signatures": {"bleu": "nrefs:1|tok:13a"},
        "val_examples": {"scored": 4, "of": 13},
        "warnings": [
            {"kind": "few_samples", "message": "only 3"},
            {"kind": "mode_collapse", "message": "alike", "first_step": 5, "last_step": None},
            {"kind": "mode_collapse", "message": "alike", "first_step": 2, "last_step": 3},
        ],
    }
    assert _lines(tmp_path, **more)[4:-2] == [
        "  best val/loss           0.5 at update 7, of 4 of 13 val examples (trainer.limit_val_batches)",
        "  signature: bleu         nrefs:1|tok:13a",
        "  warning: few samples    only 3",
        "  warning: mode collapse  alike (update 5 to the end)",
        "  warning: mode collapse  alike (update 2 to 3)",
        "  parameters              30 (generator 10, discriminator 20)",
        "  attention: cross        additive",
        "  tokens/s in training    1,234",
        "  padding                 25.0%",
    ]


def test_values_stand_in_one_column_past_the_longest_name(tmp_path: Path) -> None:
    lines = _lines(tmp_path, test={"a_score_with_a_very_long_name": 0.5, "b": 0.25})
    assert lines[1].index("0.5") == lines[2].index("0.25") == lines[-2].index("1.5 min")


def test_only_files_that_are_there_are_named_and_several_of_a_kind_counted(tmp_path: Path) -> None:
    (tmp_path / "metrics.json").touch()
    (tmp_path / "maps").mkdir()
    for number in (3, 1, 2):
        (tmp_path / "maps" / f"{number}.png").touch()
    assert _lines(tmp_path)[-3:] == [
        "files",
        f"  scores                  {tmp_path}/metrics.json",
        f"  attention maps          {tmp_path}/maps/1.png (+2 more)",
    ]


def test_samples_are_short_ones_spread_over_all_as_the_task_reads_them(tmp_path: Path) -> None:
    # Separators that Unicode knows stand within a record: only a line feed ends it.
    texts = [f"{number:02d} {'word ' * 5}\u2028\u2029\x85\x0b\x1c" for number in range(7)]
    rows = [{"input": text, "output": "out", "target": "aim"} for text in [*texts, "x", "y" * 200]]
    (tmp_path / "predictions.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    shown = [" ".join(one_line(without_controls(text)).split()) for text in texts]
    lines = _lines(tmp_path)
    first = lines.index("samples") + 1
    assert lines[first : first + 4] == [f"  input     {shown[0]}", "  output    <out>", "  target    <aim>", ""]
    assert [line for line in lines if "input" in line] == [f"  input     {shown[number]}" for number in (0, 2, 4)]


def test_a_document_of_many_paragraphs_takes_a_line_and_no_more_than_a_few_of_the_terminal(tmp_path: Path) -> None:
    row = {"input": "first\n\n \nsecond " + "word " * 999, "output": "", "target": "a\n\nb"}
    (tmp_path / "predictions.jsonl").write_text(json.dumps(row) + "\n")
    lines = _lines(tmp_path)
    first = lines.index("samples") + 1
    assert lines[first].startswith("  input     first second word")
    assert lines[first].endswith("…")
    assert len(lines[first]) < 450
    assert lines[first + 2] == "  target    <a b>"


def test_an_answer_without_a_text_is_said_to_be_empty(tmp_path: Path) -> None:
    row = {"input": "one", "output": " ", "target": "eins"}
    (tmp_path / "predictions.jsonl").write_text(json.dumps(row) + "\n")
    summary = run_summary(tmp_path, RESULTS, headline="", readable=lambda _, text: str(text), files={})
    assert "  output    (empty)" in list(summary)


def test_in_chinese_labels_stand_apart_from_values_and_warnings_are_translated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    warnings = [{"kind": "partial_test", "message": "scores are of 3 of 9 test examples (trainer.limit_test_batches)"}]
    lines = _lines(tmp_path, test={"commonest_label_token_accuracy": 0.5}, warnings=warnings)
    assert any(line.split() == ["测试集基线“最常见标签”的词元准确率", "0.5"] for line in lines)
    assert any(
        line.split(maxsplit=1) == ["警告", "分数只取自 9 个测试样本中的 3 个（trainer.limit_test_batches）"]
        for line in lines
    )
