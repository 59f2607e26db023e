"""What tasks, groups, mechanisms and other names are called in Chinese."""

GROUPS = {
    "任务": "task",
    "优化器": "optimizer",
    "分词": "tokenizer",
    "分词器": "tokenizer",
    "回调": "callbacks",
    "学习率调度": "scheduler",
    "实验": "experiment",
    "数据": "data",
    "数据集": "data",
    "日志记录器": "logger",
    "模型": "model",
    "机制": "attention",
    "注意力": "attention",
    "注意力机制": "attention",
    "特征图注意力": "feature_attention",
    "研究": "study",
    "训练器": "trainer",
    "运行": "runs",
}
NAMES = {
    # Tasks.
    "翻译": "translation",
    "机器翻译": "translation",
    "摘要": "summarization",
    "文本摘要": "summarization",
    "命名实体识别": "ner",
    "实体识别": "ner",
    "图像分类": "image_classification",
    "目标检测": "object_detection",
    "图像生成": "image_generation",
    "语言建模": "language_modelling",
    "语言模型": "language_modelling",
    # Mechanisms, without the word attention.
    "余弦": "cosine",
    "加性": "additive",
    "加法": "additive",
    "乘性": "general",
    "双线性": "general",
    "均匀": "uniform",
    "基于位置": "location",
    "多头": "scaled_dot",
    "多头潜在": "latent_rotary",
    "局部": "local",
    "滑动窗口": "local",
    "差分": "differential",
    "旋转": "rotary",
    "旋转位置编码": "rotary",
    "点积": "scaled_dot",
    "相对位置": "relative",
    "硬": "hard",
    "线性": "linear",
    "缩放点积": "scaled_dot",
    "软": "scaled_dot",
    "邻域": "neighbourhood",
    "门控线性": "gla",
    "高斯核": "gaussian_kernel",
    # On feature maps.
    "三重": "triplet",
    "全局上下文": "global_context",
    "卷积块": "cbam",
    "压缩与激励": "se",
    "坐标": "coordinate",
    "瓶颈": "bam",
    "轴向": "axial",
    "通道": "se",
    "非局部": "non_local",
    # Models, tokenizers, optimizers.
    "字节": "bytes",
    "字节对编码": "bpe",
    "字符": "letters",
    "序列到序列": "seq2seq",
    "指针生成网络": "text_summarization",
    "整词": "words",
    "随机梯度下降": "sgd",
}
_ENDS = ("机制", "注意力", "任务")  # of a name, which its table leaves out


def in_english(name: str) -> str | None:
    """The name here of what is called `name` in Chinese, with 注意力 after it or without; None of others."""
    for end in _ENDS:
        if name not in NAMES:
            name = name.removesuffix(end)
    return NAMES.get(name)
