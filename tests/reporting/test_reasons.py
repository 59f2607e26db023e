"""Reasons in Chinese."""

import re
from pathlib import Path

import pytest

import attnlab
from attnlab.reporting.reasons import example_in_chinese, in_chinese, warning_in_chinese


@pytest.mark.parametrize(
    "why, chinese",
    [
        ("it is arm dot", "与 dot 组相同"),
        ("loss is not a number at update 7", "第 7 次更新时 loss 不是数"),
        ("no checkpoint in this folder, got a/b (expected a/b/checkpoints/best.ckpt)", "目录 a/b 里没有检查点"),
        ("its test has no chrf", "它的测试没有 chrf"),
        ("an arm of the study is named so", "研究中已有同名的组"),
        (
            "model.dim must be a whole number to match arms by, got nothing in none (set match_key in a.yaml)",
            "none 的 model.dim 不是可用来匹配的整数",
        ),
        ("300 to 500 of 800 updates", "300 到 500 次更新（原定 800 次）"),
        ("only attention that learns can be made even, got Seq2Seq, where all is fixed", "它的注意力什么也没有学"),
        ("its maps can't be made: KeyError x", "无法生成它的注意力图，程序报告：“KeyError x”"),
    ],
)
def test_what_we_say_is_said_in_chinese_with_its_names(why: str, chinese: str) -> None:
    assert in_chinese(why) == chinese


def test_what_any_program_may_say_is_quoted() -> None:
    assert in_chinese("index 7 is out of bounds") == "程序报告：“index 7 is out of bounds”"
    assert warning_in_chinese("dark_images", "so it was").endswith("：“so it was”")
    assert warning_in_chinese("of_ones_own", "so it is") == "运行记录了一条警告：“so it is”"


def test_kinds_of_splits_and_sides_are_told() -> None:
    assert warning_in_chinese("val_in_training", "") == warning_in_chinese("test_in_training", "") != ""
    assert example_in_chinese("a training block of 64 tokens") == "一个训练块（64 个词元）"
    assert example_in_chinese("a training image of 1 x 28 x 28") == "一张训练图像（1 x 28 x 28）"


def test_every_kind_of_warning_has_its_chinese() -> None:
    """Kinds stand in the code where a run, or its data, is warned of: as an argument before the message, or a pair."""
    called = r'(?:\bwarn|_warn|\b(?:self|doubts)\.add|_warning|_note)\(\s*f?"([a-z_{}]+)",'
    paired = r'"kind": "([a-z_]+)", "message"|\("([a-z]+_[a-z_]+)", message\)'
    sources = [path.read_text(encoding="utf-8") for path in Path(attnlab.__file__).parent.rglob("*.py")]
    kinds = {"".join(found) for text in sources for found in re.findall(f"{called}|{paired}", text)}
    assert len(kinds) > 30
    said = {each: warning_in_chinese(each.format(split="val", side="source"), "?") for each in kinds}
    assert {each for each in kinds if "运行记录了" in said[each]} == set()
