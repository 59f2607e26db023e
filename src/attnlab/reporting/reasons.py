"""Why something isn't on a page, in both languages."""

import re
from typing import Final

from attnlab.reporting.messages.chinese import said_in_chinese

_FOLDER = r"(\S+)"
_SAID: Final = tuple(
    (re.compile(pattern), chinese)
    for pattern, chinese in (
        # of maps of attention
        (r"this model has no attention that can be shown", "这个模型没有可显示的注意力"),
        (
            r"nothing was found with a score of (\S+) or more \(task\.score_threshold\), and maps are of what is found",
            r"没有检出分数不低于 \1（task.score_threshold）的目标，而注意力图是按检出的目标画的",
        ),
        (r"its checkpoint isn't there any more", "它的检查点已不存在"),
        (r"its maps weren't made", "它的注意力图没有生成"),
        (r"no run of it finished", "没有一次运行完成"),
        (r"there is no example to show", "没有可显示的样本"),
        (r"its maps can't be made: (.+)", r"无法生成它的注意力图，程序报告：“\1”"),
        (rf"no checkpoint in this folder, got {_FOLDER} .*", r"目录 \1 里没有检查点"),
        (r"no such run folder or checkpoint, got (.+)", r"没有这个运行目录或检查点：\1"),
        (r"this checkpoint is damaged(?: or not a checkpoint)?, got (\S+).*", r"检查点 \1 已损坏"),
        (
            r"(?:the|a) .*would run '([^']+)', which is not .*?(?:\(if it is yours: (--trust \S+)\))?",
            r"它的模型要用 \1，不属于 attnlab（如果是你自己的代码，请加 --trust）",
        ),
        (r"images must be those of the run's test, got other data in (\S+) .*", r"\1 里的图像已不是该运行测试时的图像"),
        (r"maps are of tested examples, got no (\S+): .*", r"测试没有留下逐样本的预测，没有 \1"),
        (r"maps are of tested examples, got (\S+) without .*", r"\1 里没有逐样本的预测"),
        # of control arms that aren't there, and of arms that don't match
        (r"it is arm (\S+)", r"与 \1 组相同"),
        (r"an arm of the study is named so", r"研究中已有同名的组"),
        (r"(feature_attention=\S+) has no one width, but (.+)", r"\1 的宽度不止一个或没有（\2）"),
        (r"(\S+) must be a whole number to match arms by, got .+ in (\S+) \(.*", r"\2 的 \1 不是可用来匹配的整数"),
        (r"this model has no slot for it", "这个模型没有它的位置"),
        (r"the arms differ in their attention on feature maps", "各组的差别在于特征图上的注意力"),
        (r"all arms have the control's parameters", "各组的参数量已与对照组相同"),
        (r"no arm has more parameters than (\S+)", r"没有参数量超过 \1 的组"),
        (r"no match_key says which width to spend parameters on", "没有用 match_key 指明把参数用在哪个宽度上"),
        (r"(feature_attention=\S+) is an arm already", r"已有 \1 这一组"),
        (r"there is no (feature_attention=\S+)", r"没有 \1"),
        (r"no other values of (\S+) than (\S+) fit this model .*", r"除 \2 外，\1 没有适合这个模型的取值"),
        (r"this model costs the same whatever (\S+) is, got .*", r"无论 \1 取何值，这个模型的代价都一样"),
        # of tests without what attention has learned
        (r"its test has no (\S+)", r"它的测试没有 \1"),
        (r"only attention that has weights can be made even, got .*", "它的模型没有可改为均匀的注意力权重"),
        (r"only attention that learns can be made even, got .*", "它的注意力什么也没有学"),
        # of margins that may not be met
        (
            r"that takes (\d+) finished runs of it and of (\S+), and there are (\d+) and (\d+)",
            r"需要它和 \2 各有 \1 次已完成的运行，现有 \3 次和 \4 次",
        ),
        (r"their scores are too few to judge", r"它们的分数太少，无法判断"),
        # of runs that failed
        (r"the loss is nan", "损失成为 nan"),
        (r"(\S+) is not a number at update (\d+)", r"第 \2 次更新时 \1 不是数"),
        # of runs that aren't compared
        (r"its configuration and its seed (\d+) are those of (.+)", r"配置与种子 \1 和 \2 相同"),
        (
            r"it failed, and no run of its task and data that finished is compared",
            "它失败了，而同任务、同数据的运行无一完成",
        ),
        (r"it failed, computing results (\S+) for (\S+)", r"它失败了，结果版本是 \1，其他运行是 \2"),
        (r"its (\S+) was computed otherwise: (.+) for (.+)", r"它的 \1 算法不同：\2，其他运行是 \3"),
        (r"it was tested otherwise: task (.+) for (.+)", r"它测试的任务不同：\1，其他运行是 \2"),
        (r"it was tested otherwise: results (.+) for (.+)", r"它的结果版本不同：\1，其他运行是 \2"),
        (
            r"it was tested otherwise: data with the checksum (.+) for (.+)",
            r"它测试的数据不同：校验和 \1，其他运行是 \2",
        ),
        (r"it was tested otherwise: number of test examples (.+) for (.+)", r"它测试的样本数不同：\1，其他运行是 \2"),
        (r"it isn't finished; .*", "它没有完成"),
        (r"records must .* in (?:line \d+ of )?(\S+) \(.*", r"\1 已损坏"),
        (
            r"config\.json isn't the configuration that it was trained with, which has the hash (\S+), got (\S+) .*",
            r"它的 config.json 不是训练时的配置：哈希原为 \1，现为 \2",
        ),
        (r"(?:config|metrics|diagnostics)\.json (?:must|isn't) .*, got (\S+)(?: damaged)?:? .*", r"\1 已损坏"),
        (r"(?:records|a run's files) must be readable, got (\S+): .*", r"\1 无法读取"),
        (r"the records of a run must give its score, got .* in (\S+) \(.*", r"\1 的记录与它报告的分数不符"),
        (r"it has no score of a test, as trials of tuning", "它没有测试分数，如调参的试验"),
        (r"its sweep ended it early: .*", "它被所在的扫描提前结束"),
        (r"(\S+) with seed (\d+) of a study isn't done yet", r"研究中 \1 组种子 \2 的运行尚未完成"),
        (
            r"(\S+) with seed (\d+) of a study failed, and its folder isn't there",
            r"研究中 \1 组种子 \2 的运行失败，且目录不存在",
        ),
        (r"a run that (?:was )?(?:failed|diverged|died|finished).*", "它已结束，而目录不存在"),
        (r"a run that was running still.*", "它当时仍在运行"),
        (r"deletion of maps: (.+)", r"没有删除法的分数（\1）"),
        (r"it has no deletion of maps, which (.+) measures", r"没有删除法的分数，可用 \1 测量"),
        # of the control among groups
        (r"as asked for", "按要求"),
        (r"as given by --against", "由 --against 给出"),
        (r"that of study (\S+)", r"研究 \1 的对照组"),
        (r"the plainest attention among them", "其中最朴素的注意力"),
        (r"the first of (\d+) with the plainest attention among them", r"\1 个用其中最朴素注意力的组里，它排在最前"),
        (
            r"the first of (\d+) with the plainest attention among them; no run of (\S+), the control of study (\S+), "
            r"is compared",
            r"\1 个用其中最朴素注意力的组里，它排在最前；研究 \3 的对照组 \2 没有可比较的运行",
        ),
        (r"the first", "排在最前"),
        (
            r"the plainest attention among them; no run of (\S+), the control of study (\S+), is compared",
            r"其中最朴素的注意力；研究 \2 的对照组 \1 没有可比较的运行",
        ),
        (
            r"the first; no run of (\S+), the control of study (\S+), is compared",
            r"排在最前；研究 \2 的对照组 \1 没有可比较的运行",
        ),
        # of how far runs went
        (r"update (.+)", r"第 \1 次更新"),
        (r"([\d,]+) of ([\d,]+) updates", r"\1 次更新（原定 \2 次）"),
        (r"([\d,]+) to ([\d,]+) of ([\d,]+) updates", r"\1 到 \2 次更新（原定 \3 次）"),
        # of diagnoses
        (r"its attention has no one map over the parts of its input", "它的注意力没有覆盖输入各部分的单一图"),
        (r"no example has two inputs that can be deleted", "没有样本有两个可删的输入"),
        (r"no ranking: every map is even", "不分先后：每张图都是均匀的"),
        (r"there is no other example whose map could be compared", "没有其他样本的图可比"),
        (
            r"greedy deletion finds nothing that the score hangs on more than on what any map points to",
            "贪心删除找不到比任何一张图所指更要紧的输入",
        ),
    )
)  # fmt: skip


_EXAMPLES: Final = (
    (re.compile(r"one training example"), "一个训练样本"),
    (re.compile(r"a training example of median length, (.+) tokens"), r"一个长度居中的训练样本（\1 个词元）"),
    (re.compile(r"a training image of (.+)"), r"一张训练图像（\1）"),
    (re.compile(r"a training block of (.+) tokens"), r"一个训练块（\1 个词元）"),
    (re.compile(r"a training example"), "一个训练样本"),
)


_ARGUMENT: Final = re.compile(r" \(drop --[a-z-]+\)$")  # of a command that wasn't given
_ABLATED: Final = (
    (
        re.compile(r"only attention that has weights can be made even, got .*"),
        "its model has no weights of attention to make even",
    ),
    (re.compile(r"only attention that learns can be made even, got .*"), "its attention learns nothing"),
)


def in_english(why: str) -> str:
    """As a page says it, which isn't an answer to a command."""
    said = (english for pattern, english in _ABLATED if pattern.fullmatch(why))
    return next(said, _ARGUMENT.sub("", why))


def in_chinese(why: str) -> str:
    """A translation; of what may be any program's message that message, within quotation marks."""
    for pattern, chinese in _SAID:
        if found := pattern.fullmatch(why):
            return found.expand(chinese)
    return f"程序报告：“{why}”"


def example_in_chinese(described: str) -> str:
    """On what operations were counted."""
    for pattern, chinese in _EXAMPLES:
        if found := pattern.fullmatch(described):
            return found.expand(chinese)
    return f"样本（{described}）"


def warning_in_chinese(kind: str, message: str) -> str:
    """What a run has on record under "warnings"; of one in other words than today's what it is about, before them."""
    if (said := said_in_chinese(message)) is not None:
        return said
    kind = "in_training" if kind.endswith("_in_training") else "empty" if kind.startswith("empty_") else kind
    about = _WARNINGS.get(kind, "运行记录了一条警告")
    return f"{about}：“{message}”" if message else about


_WARNINGS: Final = {
    "partial_test": "测试没有用上全部样本",
    "unit_of_offsets": "实体的位置可能按另一种单位计数",
    "unknown_letters": "有的字符在训练集中没有出现，记为未知",
    "longer_contexts_left_out": "没有在更长的上下文上评分",
    "no_best": "没有验证分数可用来选出最佳检查点，取最后一个",
    "empty": "有的文本为空，或有的类别没有图像；照样计分",
    "in_training": "有的样本原样出现在训练集中",
    "same_on_both_sides": "有的句对两边是同一段文本",
    "html_in_texts": "有的文本含有 HTML",
    "misread_letters": "有的文本看来用错了编码",
    "cut_sources": "有的原文被截断，却按完整的参考译文评分",
    "cut_targets": "有的译文在计算损失时被截断",
    "cut_documents": "文档只读入一小部分",
    "few_texts": "一边只有很少几种不同的文本，可能读错了列",
    "one_text": "大多数文本是同一段",
    "sides_swapped": "一个划分的两边看来颠倒了",
    "test_in_val": "测试样本大多也在验证集中",
    "no_entity_to_find": "测试句中没有实体：不给出精确率、召回率和 F1",
    "more_objects_than_found": "有的图像里的目标比模型最多能检出的还多",
    "few_samples": "样本太少，分数有偏，与样本更多时的分数不可比",
    "short_references": "参考译文太短，不给出 BLEU",
    "unspaced_references": "参考译文的文字不以空格分词，BLEU 说明不了多少",
    "unreadable_references": "有的参考摘要没有字母或数字，其 ROUGE 为 0",
    "raw_text_split_otherwise": "predict 对原始文本的分词与训练数据不同",
    "untrained_types": "有的实体类型在训练集中没有出现，不会被找到",
    "alike_types": "有的实体类型只在大小写、空白或连字符上不同，按不同类型学习",
    "unscored_types": "训练集的有些实体类型在验证集和测试集中没有出现",
    "alike_classes": "有的类别只在大小写、空白或连字符上不同，按不同类别学习",
    "one_sentence": "一个划分的所有词都在同一个句子里",
    "zip_encoding": "压缩包里文件名的编码是猜测的",
    "dark_images": "有的图像几乎全黑，可能是 16 位里只用了 12 位",
    "unread_images": "略去了无法读取的图像",
    "unlabelled": "略去了标签表中没有的图像",
    "same_folders": "各类别下的目录相同：目录的层次可能弄反了",
    "shared_images": "训练集与其他数据集有相同的图像",
    "images_in_two_classes": "有的图像同时属于几个类别",
    "images_without_labels": "有的图像没有标注文件，按没有目标处理",
    "images_twice": "有的图像重复列出",
    "boxes_twice": "有的框重复出现，每两个中只能检出一个",
    "tiny_boxes": "没有一个框大于 1 个像素，可能是以边长的比例记的",
    "misread_boxes": "框的四个数看来是另一种格式的",
    "turned_images": "有的图像按其 EXIF 旋转，而标注可能是按旋转前画的",
    "shapes_left_out": "略去了没有面积的形状",
    "category_left_out": "只作上级类别而没有框的，不算类别",
    "classes_without_boxes": "有的类别在训练集中没有框，学不到",
    "no_objects": "划分中没有目标，不给出平均精度",
    "data_changed": "数据在这次运行之后有了变化",
    "code_changed": "你的代码与训练时的不同",
    "future_leaks": "自己的机制看到了后面的位置",
    "padding_leaks": "自己的机制看到了被掩码遮住的键",
    "untrained_attention": "自己的机制有权重得不到梯度",
    "rate_of_zero": "学习率为 0，什么也学不到",
    "warm_up_too_long": "预热比运行还长，学习率升不到峰值",
    "loss_not_fallen": "训练损失没有下降",
    "answers_alike": "几乎所有回答都一样",
    "no_better_than_one_class": "准确率不高于总是回答同一个类别",
    "no_better_than_counting": "准确率不高于回答序列中最常见者：没有查找",
    "nothing_right": "没有一个回答是对的",
    "discriminator_saturation": "判别器饱和",
    "mode_collapse": "生成器模式崩溃",
}
