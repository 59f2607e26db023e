"""What a person reads of a row that was verified: `tests/study/test_verifying.py` reads it of real ones."""

from pathlib import Path

import pytest
from in_english import in_english

from attnlab.commands.study.verify_text import verified_lines
from attnlab.study.plan import Job
from attnlab.study.verifying import Check, Compared, Verification

JOB = Job(arm="dot", seed=3, overrides=(), config={}, folder=Path("outputs", "run"))


def test_each_line_says_what_differs_and_what_that_means() -> None:
    checks = (Check("data", "a" * 64, "a" * 64, decides=True), Check("commit", None, "c" * 40, decides=False))
    found = Verification(JOB, checks, Compared(50, True, 0.02, (7, "loss"), ("torch 2.3 then, 2.4 now",)))
    assert list(verified_lines(found)) == [
        "row dot/3: outputs/run",
        "  data    aaaaaaaaaaaa  as on record",
        "  commit  not recorded  DIFFERS: cccccccccccc now, which alone decides nothing",
        "  losses: each of the first 50 updates, trained again",
        "    largest relative difference 0.02, of loss at update 7 (0.001 is allowed elsewhere)",
        "    torch 2.3 then, 2.4 now",
        "NOT verified: the losses aren't those on record",
    ]


@pytest.mark.usefixtures("in_chinese")
def test_in_chinese_the_same_is_said() -> None:
    checks = (Check("configuration", "a" * 64, "a" * 64, decides=True), Check("commit", None, "c" * 40, decides=False))
    good = Verification(JOB, checks, Compared(50, True, 0.0, (7, "loss"), ()))
    assert list(verified_lines(good)) == [
        "行 dot/3：outputs/run",
        "  配置  aaaaaaaaaaaa  与记录一致",
        "  提交  未记录        不同：现在是 cccccccccccc，单凭这一点不作判定",
        "  损失：重新训练最初 50 次更新，逐次比较",
        "    到最后一位都相同（机器类型与线程数相同时允许 1e-06）",
        "核验通过：这份代码与数据给出的就是这次运行",
    ]
    data = Check("data", "a" * 64, "b" * 64, decides=True)
    bad = [
        Verification(JOB, checks, Compared(1, False, 0.02, (7, "loss"), ("torch 2.3 与 2.4",))),
        Verification(JOB, (*checks, data)),
        Verification(JOB, checks, failed="形状不合"),
    ]
    lines = [line for each in bad for line in verified_lines(each)]
    assert [line for line in lines if line.startswith("核验")] == [
        "核验未通过：损失与记录不同", "核验未通过：数据与记录不同", "核验未通过：这份代码训练不了它",
    ]  # fmt: skip
    assert in_english(lines) == []
