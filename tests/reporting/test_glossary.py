"""One word for a thing, wherever it is said."""

import re
from functools import cache
from pathlib import Path

import pytest

from attnlab import callbacks
from attnlab.metrics import described
from attnlab.reporting.glossary import (
    SCORES,
    TASKS,
    TERMS,
    score_in_chinese,
    score_in_english,
    set_off,
    task_in_chinese,
    term,
)
from attnlab.runs import record
from attnlab.runs.checkpoints import Checkpoints
from attnlab.study.html.verdicts import CONFOUNDED, LABELS
from attnlab.study.wording import chinese

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
# What else Chinese texts called a thing, by the English of the glossary's word.
REJECTED = {
    "epoch": r"轮次|[\d两几] ?遍",
    "update": r"更新步|训练步|步数|逐步比较|前 ?\d+ 步|训练 ?\d+ 步|第 \S+ 步时",
    "batch": r"批(?!次|归一化)",
    "sweep": r"参数扫描|参数搜索",
    "matched": r"配平|参数对齐",
    "parameters": r"参数数|参数个数|参数总量",
    "run": r"个运行(?!目录)|个已完成的运行",
    "wandb run": r"[\u4e00-\u9fff] wandb run\b",
    "seed": r"随机种子|随机数种子",
    "you": r"您",
    "images": r"图片|图象",
    "folder": r"文件夹",
    "box": r"方框|边界框|检测框",
    "pooling": r"汇聚",
    "page": r"页面",
    "score": r"打分|得分(?=不低于|较低)|最低得分",
    "source": r"源句|源语句|源词|源端|源与目标",
    "sampling": r"抽样|取样",
    "vocabulary": r"词汇表",
    "verdict": r"判定结果",
    "mark of the end": r"句末|句尾标记",
    "time": r"耗时",
    "recall": r"查全率",
    "precision": r"查准率",
    "attention": r"关注",
    "ablation": r"去掉(学到的)?注意力|摊平|平均分开",
    "role": r"用途",
    "class token": r"类别词元",
    "confidence": r"把握",
    "logger": r"日志器",
    "code point": r"码位",
    "subword": r"字节片段|两个片段",
    "learned": r"学习到的",
    "chance": r"随便猜|碰巧",
    "encoder": r"编码器-解码器",
    "samples": r"样本之间的插值|样本网格|样本图",
    "head": r"第 (\d+|\{\w+\}|\" ~ \w+ ~ \") 头",
}


@cache
def said_in_chinese() -> list[str]:
    """Every line of documents, configuration and code that has a word of Chinese, after where it stands."""
    folders = [
        ROOT.glob("*.md"),
        *((ROOT / name).rglob("*.*") for name in ("docs", "conf", "src", "scripts", "examples")),
    ]
    endings = {".ipynb", ".j2", ".js", ".md", ".py", ".yaml"}
    paths = sorted(path for found in folders for path in found if path.suffix in endings)
    lines = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search("[\u4e00-\u9fff]", line)
    ]
    assert len(lines) > 5000, "texts are looked for where they aren't"
    return lines


@pytest.mark.parametrize("english", REJECTED)
def test_nothing_is_called_by_another_word_than_the_glossarys(english: str) -> None:
    unlike = re.compile(REJECTED[english])
    assert not unlike.search(TERMS[english])
    assert not [line for line in said_in_chinese() if unlike.search(line)], f"the glossary has {TERMS[english]}"


@pytest.mark.parametrize("page", ["glossary.md", "glossary.zh.md"])
def test_the_page_has_each_term_and_no_other(page: str) -> None:
    rows = re.findall(r"^\| (.+) \| (.+) \|$", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(rows[1:]) == TERMS | TASKS | SCORES


@pytest.mark.parametrize(
    "metric, said",
    [
        ("accuracy", "准确率"),
        ("val/f1", "验证集 F1"),
        ("commonest_label_unseen_recall", "基线“最常见标签”的未见实体的召回率"),
        ("ap_of_bag", "bag 的 AP"),
        ("fid_fashion_mnist_cnn", "fashion_mnist_cnn 的 FID"),
        ("kid_fashion_mnist_cnn_error", "fashion_mnist_cnn 的 KID 的标准误"),
        ("loss_2x", "2 倍块长的损失"),
        ("loss_at_64", "前文至多 64 个词元时的损失"),
        ("mine", "mine"),
    ],
)
def test_a_score_has_its_name_with_what_it_is_of(metric: str, said: str) -> None:
    assert score_in_chinese(metric) == said


def test_names_stand_among_chinese_characters_and_tasks_have_theirs() -> None:
    assert f"在{set_off('准确率')}上" == "在准确率上"
    assert f"在{set_off('F1')}上" == "在 F1 上"
    assert (task_in_chinese("ner"), task_in_chinese("mine")) == ("命名实体识别", "mine")
    assert said_scores() <= SCORES.keys() | TERMS.keys() | {"kid"}


def said_scores() -> set[str]:
    """Those that a line says."""
    return set(described.SCORES)


def test_studies_have_the_same_words() -> None:
    assert TERMS["control"] == chinese.CONTROL
    assert chinese.heads("f1", margin=None).verdict == TERMS["verdict"]
    assert chinese.KINDS["mechanism"] == TERMS["mechanism"]
    assert chinese.HEADS.ablations[0] == TERMS["arm"]
    assert {chinese.STATUSES[status] for status in ("failed", "diverged")} == {TERMS["failed"], TERMS["diverged"]}
    for finding in ("better", "worse", "undecided"):
        assert chinese.FINDINGS[finding] == LABELS[finding].chinese == TERMS[finding]
    assert chinese.KINDS["confounded"] == CONFOUNDED.chinese == TERMS["confounded"]
    shared = TERMS.keys() & chinese.RECEIPTS.keys()
    assert {what: chinese.RECEIPTS[what] for what in shared - {"precision"}} == {
        what: TERMS[what] for what in shared - {"precision"}
    }


def test_what_a_run_leaves_has_its_words() -> None:
    """The names under which the files of a run stand at its end."""
    kinds = [each for each in vars(callbacks).values() if isinstance(each, type)]
    left = [record.FILES, Checkpoints.files, *(each.files for each in kinds if hasattr(each, "files"))]
    assert {name for files in left for name in files.values()} <= TERMS.keys()


def test_a_term_is_said_in_the_language_that_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", "C")
    assert term("run folder") == "run folder"
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert term("run folder") == "运行目录"
    assert term("bleu") == "bleu"


def test_names_of_scores_are_written_as_their_field_does_in_both_languages() -> None:
    assert [score_in_english(each) for each in ("chrf", "bleu", "rouge_l", "accuracy", "val/chrf", "f1_bag")] == [
        "chrF",
        "BLEU",
        "ROUGE-L",
        "accuracy",
        "val/chrf",
        "f1_bag",
    ]
    assert score_in_chinese("test/f1_人名") == "测试集人名的 F1"
    assert score_in_chinese("test/f1_deity") == "测试集 deity 的 F1"
