"""What a score says, in a line: those that runs are compared by."""

from collections.abc import Sequence
from typing import Final

from attnlab.language import Words

SCORES: Final[dict[str, Words]] = {
    "accuracy": Words("share of examples whose class is right, 0 to 1", "类别判对的样本所占的比例，0 到 1"),
    "token_accuracy": Words("share of words whose label is right, 0 to 1", "标签判对的词所占的比例，0 到 1"),
    "class_accuracy": Words(
        "share of images that the extractor takes for the class they were to be of, 0 to 1",
        "提取器认作所要类别的图像所占的比例，0 到 1",
    ),
    "calibration_error": Words(
        "how far the model's confidence is from the share that is right, in the mean over bins of it, 0 to 1",
        "模型的置信度与判对的比例相差多少，按置信度分箱取平均，0 到 1",
    ),
    "loss": Words("what training makes small, on the test", "训练所要降低的量，在测试集上"),
    "perplexity": Words("e to the loss: among how many words it hesitates", "损失的指数：相当于在多少个词之间犹豫"),
    "bits_per_byte": Words(
        "loss in bits for each byte of the text's UTF-8, whatever its tokens",
        "文本每个 UTF-8 字节的损失，以比特计，与词元的划分无关",
    ),
    "bleu": Words(
        "how many short runs of words are those of the reference, 0 to 100", "与参考译文相同的词串有多少，0 到 100"
    ),
    "chrf": Words(
        "how many short runs of letters are those of the reference, and the other way round, 0 to 100",
        "与参考译文互相重合的字符 n 元组有多少，0 到 100",
    ),
    "rouge1": Words("overlap of words with the reference summary, F1 from 0 to 1", "与参考摘要重合的词，F1，0 到 1"),
    "rouge2": Words(
        "overlap of pairs of words with the reference summary, F1 from 0 to 1", "与参考摘要重合的相邻词对，F1，0 到 1"
    ),
    "rouge_l": Words(
        "longest sequence of words shared with the reference summary, F1 from 0 to 1",
        "与参考摘要共有的最长词序列，F1，0 到 1",
    ),
    "rouge_lsum": Words(
        "longest sequences of words shared with the reference summary, sentence by sentence, F1 from 0 to 1",
        "逐句与参考摘要共有的最长词序列，F1，0 到 1",
    ),
    "f1": Words(
        "of entities found with their exact span and type, F1 from 0 to 1", "范围和类型都判对的实体，F1，0 到 1"
    ),
    "ap": Words(
        "average precision of boxes, in the mean over classes and over overlaps from .5 to .95, 0 to 1",
        "框的平均精度，取各类别、重叠 .5 到 .95 的平均，0 到 1",
    ),
    "ap50": Words("average precision of boxes that overlap by half, 0 to 1", "重叠过半即算对的框的平均精度，0 到 1"),
    "ap75": Words("average precision of boxes that overlap by .75, 0 to 1", "重叠 .75 才算对的框的平均精度，0 到 1"),
    "deletion": Words(
        "how much faster the answer falls when the inputs of most weight are deleted: 0 as by other examples' maps, 1 "
        "as by the best order there is",
        "删去权重最大的输入后答案下降得快多少：0 与用其他样本的图相同，1 与最好的次序相同",
    ),
}
"""By the name that `metrics.json` has."""

_DISTANCES: Final = {
    "fid": Words(
        "distance between samples and real images in an extractor's features", "样本与真实图像在提取器特征上的距离"
    ),
    "kid": Words(
        "distance between samples and real images, without bias by their number", "样本与真实图像的距离，不因数目而偏"
    ),
}

# The best value that a score can have, by its name or by what the name of one of a class begins with.
_BEST: Final = {
    "bleu": 100.0,
    "chrf": 100.0,
    "perplexity": 1.0,
    **dict.fromkeys(("loss", "bits_per_byte", "calibration_error"), 0.0),
    **dict.fromkeys(("accuracy", "token_accuracy", "class_accuracy", "balanced_accuracy", "top5_accuracy"), 1.0),
    **dict.fromkeys(("f1", "macro_f1", "precision", "recall", "rouge1", "rouge2", "rouge_l", "rouge_lsum"), 1.0),
    **dict.fromkeys(("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large"), 1.0),
}
_OF_CLASSES: Final = ("f1_", "precision_", "recall_", "ap_of_")
_SHOWN: Final = 5e-5  # as near to the best as four digits tell


def best_of(metric: str) -> float | None:
    """The best that a score can be: the least or the greatest; None of one without a bound, or that isn't known."""
    name = metric.removeprefix("unseen_")
    return 1.0 if name.startswith(_OF_CLASSES) else _BEST.get(name)


def at_best(scores: Sequence[float], metric: str) -> bool:
    """Whether there are scores, and each is the best that can be, as far as it is shown."""
    best = best_of(metric)
    return best is not None and len(scores) > 0 and all(abs(each - best) <= _SHOWN * max(1.0, best) for each in scores)


def said_of(metric: str) -> Words | None:
    """None of one that this doesn't know."""
    return SCORES.get(metric) or _DISTANCES.get(metric.partition("_")[0])
