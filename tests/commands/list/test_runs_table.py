"""Runs in a terminal: below each folder those in it."""

from pathlib import Path

from attnlab.commands.list.found_runs import ListedRun
from attnlab.commands.list.runs_table import age, render

DONE = ListedRun(
    folder=Path("outputs/ner/a/3fa"), task="ner", seed=3, mechanism="additive", arm="", state="finished",
    scores={"f1": 0.75, "loss": 0.5}, trained_at=1000.0,
)  # fmt: skip


def test_each_run_has_a_line_below_its_folder() -> None:
    begun = DONE._replace(folder=Path("outputs/ner/a/44c"), state="unfinished", scores={}, trained_at=1000.0 - 3600)
    other = DONE._replace(folder=Path("outputs/ner/b/5"), seed=None, arm="mine/additive")
    assert render([DONE, begun, other], now=1000 + 120) == [
        "outputs/ner/a",
        "  3fa  finished    2 min  seed 3  additive  f1 0.75  loss 0.5",
        "  44c  unfinished  1 h    seed 3  additive",
        "outputs/ner/b",
        "  5    finished    2 min          additive  f1 0.75  loss 0.5  mine/additive",
        "3 runs: 2 finished, 1 unfinished; a run may be named by the beginning of its hash, or as last",
    ]


def test_chinese_stands_in_columns_too() -> None:
    begun = DONE._replace(
        folder=Path("outputs/ner/a/44c"),
        state="unfinished",
        trained_at=1000.0 - 3600,
        mechanism="encoder=dot cross=linear",
    )
    assert render([DONE, begun], language="zh", now=1000 + 120)[1:] == [
        "  3fa  已完成  2 分钟前  种子 3  additive                       F1 0.75  损失 0.5",
        "  44c  未完成  1 小时前  种子 3  编码器 dot，交叉注意力 linear  F1 0.75  损失 0.5",
        "2 次运行：1 次已完成，1 次未完成；指定一次运行，写它哈希值的开头即可，最后训练的那次也可写作 last",
    ]


def test_an_age_is_in_its_largest_unit() -> None:
    assert [age(seconds) for seconds in (-1, 0.5, 59, 3601, 90000)] == ["0 s", "0 s", "59 s", "1 h", "1 d"]
