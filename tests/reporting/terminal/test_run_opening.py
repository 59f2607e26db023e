"""What a run is, before it trains: a line for each thing to know."""

from dataclasses import replace
from pathlib import Path

import pytest

from attnlab.reporting.terminal.run_opening import Opening, opening_lines

OPENING = Opening(
    name="quick",
    task="translation",
    seed=3,
    model="attention_seq2seq",
    parameters=1234567,
    slots={"cross": "additive", "self": "scaled_dot"},
    data="bible_en_es",
    sizes={"train": 10784, "val": 1115, "test": 661},
    device="cpu",
    threads=1,
    precision="32-true",
    updates=1600,
    done=0,
    validated_every=400,
    folder=Path("outputs/x"),
)


def test_each_thing_to_know_has_a_line() -> None:
    assert list(opening_lines(OPENING)) == [
        "quick",
        "  task        translation, seed 3",
        "  model       attention_seq2seq, 1,234,567 parameters",
        "  attention   cross additive, self scaled_dot",
        "  data        bible_en_es: 10,784 train, 1,115 val, 661 test",
        "  on          cpu, 1 thread, 32-true",
        "  updates     1,600, validated every 400",
        "  folder      outputs/x",
    ]


def test_in_chinese_the_same_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert list(opening_lines(replace(OPENING, done=100)))[1:] == [
        "  任务        翻译，种子 3",
        "  模型        attention_seq2seq，1,234,567 个参数",
        "  注意力      交叉注意力（cross）：additive，self：scaled_dot",
        "  数据        bible_en_es：训练集 10,784，验证集 1,115，测试集 661",
        "  设备        cpu，1 个线程，32-true",
        "  更新次数    1,600，其中 100 次已完成，每 400 次验证一次",
        "  目录        outputs/x",
    ]


def test_what_a_run_hasnt_got_isnt_said() -> None:
    lines = list(opening_lines(replace(OPENING, slots={}, device="cuda", validated_every=1601, done=100)))
    assert not any(line.split()[0] == "attention" for line in lines)
    assert "  on          cuda, 32-true" in lines
    assert "  updates     1,600, of which 100 are done, without validation" in lines


def test_from_which_language_into_which_is_said_beside_the_data() -> None:
    lines = list(opening_lines(replace(OPENING, direction=("es", "en"))))
    assert any(line.startswith("  data        bible_en_es es → en: 10,784 train") for line in lines)
