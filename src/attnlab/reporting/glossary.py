"""The words of this field, in English and in Chinese: one word for a thing, on the terminal, on pages and in docs."""

import re
from typing import Final

from attnlab.language import wanted

TERMS: Final[dict[str, str]] = {
    # Attention.
    "attention": "注意力",
    "mechanism": "机制",
    "query": "查询",
    "key": "键",
    "value": "值",
    "score of a key": "得分",
    "weight": "权重",
    "head": "头",
    "projection": "投影",
    "mask": "掩码",
    "bias": "偏置",
    "position": "位置",
    "sampling": "采样",
    "self-attention": "自注意力",
    "cross-attention": "交叉注意力",
    "causal": "因果",
    "slot": "槽位",
    "role": "角色",
    "feature map": "特征图",
    "channel": "通道",
    "gate": "门",
    "bandwidth": "带宽",
    "threshold": "阈值",
    "feature": "特征",
    "landmark": "地标",
    "attention maps": "注意力图",
    # Models and training.
    "parameter": "参数",
    "parameters": "参数量",
    "pooling": "池化",
    "encoder": "编码器",
    "decoder": "解码器",
    "recurrent net": "循环网络",
    "embedding": "嵌入",
    "token": "词元",
    "class token": "分类词元",
    "code point": "码点",
    "subword": "子词",
    "tokens": "词元",
    "mark of the end": "结束标记",
    "words": "词",
    "images": "图像",
    "characters": "字符",
    "vocabulary": "词表",
    "batch": "批次",
    "batch normalization": "批归一化",
    "update": "更新",
    "epoch": "轮",
    "padding": "填充",
    "checkpoint": "检查点",
    "learning rate": "学习率",
    "seed": "种子",
    "precision of numbers": "精度",
    "learned": "学到的",
    "chance": "偶然水平",
    # Runs and what they leave.
    "run": "运行",
    "run folder": "运行目录",
    "folder": "目录",
    "sweep": "扫描",
    "experiment": "实验",
    "task": "任务",
    "model": "模型",
    "data": "数据",
    "split": "划分",
    "training set": "训练集",
    "validation set": "验证集",
    "test": "测试",
    "test set": "测试集",
    "input": "输入",
    "output": "输出",
    "target": "参考",
    "score": "分数",
    "scores": "分数",
    "scores by example": "各样本的分数",
    "test predictions": "测试集的预测",
    "curves": "曲线",
    "learning curves": "学习曲线",
    "confusion": "混淆矩阵",
    "samples": "样例",
    "between samples": "样例之间的插值",
    "nearest real images": "最近的真实图像",
    "samples in training": "训练过程中的样例",
    "wandb run": "wandb 运行",
    "first losses": "最初的损失",
    "files": "文件",
    "next": "接下来",
    "predict": "预测",
    "compare": "比较",
    "page": "网页",
    "time": "用时",
    "signature": "签名",
    "warning": "警告",
    "best": "最佳",
    "best checkpoint": "最佳检查点",
    "last checkpoint": "最后的检查点",
    "standard error": "标准误",
    "confidence": "置信度",
    "precision": "精确率",
    "recall": "召回率",
    "average precision": "平均精度",
    "object": "目标",
    "box": "框",
    "truth": "真值",
    "backbone": "骨干网络",
    "source": "原文",
    "cost": "代价",
    "latent": "隐变量",
    "overrides": "覆盖参数",
    "config group": "配置组",
    "logger": "日志记录器",
    # Comparisons.
    "study": "研究",
    "arm": "组",
    "control": "对照组",
    "verdict": "结论",
    "margin": "界限",
    "matched": "匹配",
    "example": "样本",
    "difference": "差别",
    "interval": "区间",
    "better": "优于",
    "worse": "劣于",
    "undecided": "尚无定论",
    "confounded": "混杂",
    "null hypothesis": "零假设",
    "trial": "试验",
    "ablation": "消融",
    "failed": "失败",
    "diverged": "发散",
    "hardware": "硬件",
    "devices": "设备",
    "commit": "提交",
    # Whoever reads.
    "you": "你",
}


# Tasks and scores, by the keys that records have.
TASKS: Final[dict[str, str]] = {
    "translation": "翻译",
    "summarization": "摘要",
    "ner": "命名实体识别",
    "image_classification": "图像分类",
    "object_detection": "目标检测",
    "image_generation": "图像生成",
    "language_modelling": "语言建模",
}
SCORES: Final[dict[str, str]] = {
    "accuracy": "准确率",
    "token_accuracy": "词元准确率",
    "class_accuracy": "类别准确率",
    "balanced_accuracy": "平衡准确率",
    "calibration_error": "校准误差",
    "loss": "损失",
    "perplexity": "困惑度",
    "bits_per_byte": "每字节比特数",
    "f1": "F1",
    "bleu": "BLEU",
    "chrf": "chrF",
    "rouge1": "ROUGE-1",
    "rouge2": "ROUGE-2",
    "rouge_l": "ROUGE-L",
    "rouge_lsum": "ROUGE-Lsum",
    "ap": "AP",
    "ap50": "AP50",
    "ap75": "AP75",
    "ap_small": "小目标 AP",
    "ap_medium": "中目标 AP",
    "ap_large": "大目标 AP",
    "fid": "FID",
    "kid": "KID",
    "deletion": "删除法",
    "length_ratio": "长度比",
    "num_words": "平均词数",
    "num_examples": "样本数",
    "num_samples": "样本数",
    "novel_unigrams": "新词比例",
    "novel_bigrams": "新二元组比例",
    "novel_trigrams": "新三元组比例",
}
# Places of a model where a mechanism stands, by the names that records have.
SLOTS: Final[dict[str, str]] = {
    "encoder": "编码器",
    "decoder": "解码器",
    "cross": "交叉注意力",
    "sentence": "句子",
    "pooling": "池化",
    "places": "各位置",
    "rows": "行",
    "columns": "列",
    "blocks": "各块",
    "within_blocks": "块内",
}
BASELINES: Final = ("commonest_label_", "lead_")  # before scores of the test that no model has a part in
_NAMED: Final = SCORES | {name: TERMS[name] for name in ("precision", "recall")}
# What stands before a score's name, or before what it is of.
_BEFORE: Final = {
    "val/": "验证集",
    "test/": "测试集",
    "train/": "训练集",
    "commonest_label_": "基线“最常见标签”的",
    "lead_": "基线 LEAD 的",
    "unseen_": "未见实体的",
}
_AT: Final = re.compile(r"(loss|perplexity|bits_per_byte|accuracy)_(\d+)x")  # in blocks so many times as long
_FROM: Final = re.compile(r"loss_at_(\d+)")  # of tokens with at most so many before them
_ERROR: Final = re.compile(r"kid_.+(?=_error$)")  # of a mean, its standard error
_OF: Final = ("f1_", "precision_", "recall_", "ap_of_", "fid_", "kid_")


def task_in_chinese(task: str) -> str:
    """Its name; one of the user's own is its own."""
    return TASKS.get(task, task)


def score_in_chinese(metric: str) -> str:
    """Its name, with what it is of: `unseen_f1`, `recall_bag`; one that isn't known is its own."""
    if metric in _NAMED:
        return _NAMED[metric]
    for before, said in _BEFORE.items():
        if metric.startswith(before):
            return said + set_off(score_in_chinese(metric.removeprefix(before))).rstrip()
    if found := _ERROR.match(metric):
        return f"{score_in_chinese(found[0])} 的标准误"
    for before in _OF:
        if metric.startswith(before):
            kind = before.removesuffix("_").removesuffix("_of")
            return f"{set_off(metric.removeprefix(before)).lstrip()}的{set_off(_NAMED[kind]).rstrip()}"
    if found := _AT.fullmatch(metric):
        return f"{found[2]} 倍块长的{score_in_chinese(found[1])}"
    if found := _FROM.fullmatch(metric):
        return f"前文至多 {found[1]} 个词元时的损失"
    return metric


def slot_in_chinese(slot: str) -> str:
    """Where a mechanism stands in a model, with the name that keys have; a place that isn't known is its own."""
    return f"{SLOTS[slot]}（{slot}）" if slot in SLOTS else slot


def score_in_english(metric: str) -> str:
    """As its field writes it, chrF, or its key, with what that is where the key says too little."""
    if _ERROR.match(metric):
        return f"{metric}, its standard error"
    name = SCORES.get(metric, metric)
    if metric.startswith("ap_") and metric in SCORES:
        return f"AP {metric.removeprefix('ap_')}"
    return name if name.isascii() else metric


def set_off(name: str) -> str:
    """A name as it stands among Chinese characters: Latin letters have a space beside them."""
    return f"{' ' if name[:1].isascii() else ''}{name}{' ' if name[-1:].isascii() else ''}"


def term(english: str) -> str:
    """A term in the language that is wanted; one that isn't here stays as it is."""
    return TERMS.get(english, english) if wanted() == "zh" else english
