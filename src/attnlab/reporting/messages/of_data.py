"""Of data, as it is read: in English with a place for each value, and in Chinese with their numbers."""

from typing import Final

OF_DATA: Final[dict[str, str]] = {
    # texts
    "left out {} of {} training pairs: {} empty, {} too long; the first: pairs {}": (
        "略去 {1} 个训练句对中的 {0} 个：{2} 个为空，{3} 个过长；最先的是第 {4} 对"
    ),
    "{} of {} sources of {} are cut to data.max_source_length={}, and are scored against whole references (set "
    "data.max_source_length)":
        "{2}的 {1} 句原文中有 {0} 句截断到 data.max_source_length={3}，却按完整的参考译文评分"
        "（请设 data.max_source_length）",
    "{} of {} targets of {} are cut to data.max_target_length={} in its loss, and are whole in other scores (set "
    "data.max_target_length)":
        "{2}的 {1} 句译文中有 {0} 句在计算损失时截断到 data.max_target_length={3}，在其他分数中是完整的"
        "（请设 data.max_target_length）",
    "{} of the tokens of documents of {} are read, as {} of {} are cut to data.max_source_length={}: summaries may be "
    "of the rest (set data.max_source_length)":
        "{1}的文档只读入 {0} 的词元，因为 {3} 篇中有 {2} 篇截断到 data.max_source_length={4}：摘要可能出自其余部分"
        "（请设 data.max_source_length）",
    "{} of train have {} different texts in {}, as labels have: they may be of another column than is meant ({})":
        "训练集的 {2} 个{0}中只有 {1} 种不同的文本，像是标签：可能读错了列（{3}）",
    "read another column or field, or set data.root": "请读别的列或字段，或设 data.root",
    "set {}": "请设 {0}",
    "left out {} of {} training examples: nothing in them": "略去 {1} 个训练样本中的 {0} 个：没有内容",
    "cut {} of {} {} of {} to {} tokens": "{3}的 {1} 篇{2}中有 {0} 篇截断到 {4} 个词元",
    "left out {} texts of {}: nothing in them": "略去{1}的 {0} 段文本：没有内容",
    "left out {} files of {}, held out by name: {}": "{1}略去 {0} 个按名称留出的文件：{2}",
    "training a vocabulary on {} sentences": "正在用 {0} 个句子训练词表",
    "{} of {} {} of {} are empty, and are scored as they are": "{3}的 {1} 个{2}中有 {0} 个为空，照样计分",
    "{} of {} {} of {} stand in training, too, word for word": "{3}的 {1} 个{2}中有 {0} 个原样出现在训练集中",
    "{} of {} pairs of {} have the same text on both sides": "{2}的 {1} 个句对中有 {0} 个两边是同一段文本",
    "{} of {} tokens of {} stand for letters that aren't in the vocabulary: bits a byte leave them out, and "
    "can't be compared with a tokenizer's that knows them":
        "{2}的 {1} 个词元中有 {0} 个代表词表里没有的字符：每字节比特数不计它们，不能与认得它们的分词器相比",
    "{} of {} {} of {} hold HTML, such as {}, which is learnt as words (unescape it in the files)":
        "{3}的 {1} 个{2}中有 {0} 个含有 HTML，例如 {4}，会被当作词来学（请在文件中还原）",
    "the two sides of {} look swapped: most of its words are those of the other side of train (swap them in its "
    "files)":
        "{0}的两边看来颠倒了：它的词大多是训练集另一边的（请在文件中对调）",
    "{} of {} {} of {} look read in a wrong encoding, with {} in them (mend the files, or set "
    "data.corpus.encoding)":
        "{3}的 {1} 个{2}中有 {0} 个看来用错了编码，含有 {4}（请修正文件，或设 data.corpus.encoding）",
    "{} of {} {} of test stand in val, too, by which the best checkpoint is chosen (hold other texts out, or "
    "set data.root)":
        "测试集的 {1} 个{2}中有 {0} 个也在验证集中，而最佳检查点是按验证集选的（请留出别的文本，或设 data.root）",
    "{} of {} {} of {} are one and the same text, {}: these may not be the texts that are meant (read another "
    "column or field, or set data.root)":
        "{3}的 {1} 个{2}中有 {0} 个是同一段文本 {4}：可能不是想要的文本（请读别的列或字段，或设 data.root）",
    # files
    "U+FEFF, the mark of a file's beginning, stands within {}, {} times, as of files that were put together "
    "or shuffled: it is read as a letter (take it out)":
        "文件开头标记 U+FEFF 在 {0} 的中间出现 {1} 次，像是几个文件拼接或打乱而成：它会被当作字符读入（请去掉）",
    "values of {} look quoted: {} of them, as in line {}, {} (set data.corpus.quoted=true)":
        "{0} 中有 {1} 个值像是加了引号，如第 {2} 行的 {3}（可设 data.corpus.quoted=true）",
    "most training examples are batches by themselves: {} of {} are longer than half of data.batch_tokens={}, which "
    "counts tokens, not examples (set data.batch_tokens)":
        "多数训练样本各自独占一个批次：{1} 个中有 {0} 个超过 data.batch_tokens={2} 的一半；它数的是词元，不是样本"
        "（请设 data.batch_tokens）",
    "left out empty lines of {}: {} of them, the first is line {}": "略去 {0} 中的 {1} 个空行，第一个是第 {2} 行",
    "the first row of {} looks like a header, {}, and is read as texts (take it out, or set {} to the columns' "
    "names where each file has a header)":
        "{0} 的第一行像是表头（{1}），会被当作文本读入（请去掉；若每个文件都有表头，请把 {2} 设为列名）",
    "a column must hold texts, got {} in column {} of {} (set {})":
        "这一列应是文本，而 {2} 的 {1} 列是 {0}（请设 {3}）",
    "this file system has no locks: two processes at once would mix what they write to {}":
        "这个文件系统没有锁：两个进程同时写 {0} 会互相混杂",
    # words with labels
    "the labels are read as {}": "标签按 {0} 读取",
    "labels have their letter behind: {} is read as {}": "标签的字母在后面：{0} 读作 {1}",
    "labels of {} in small letters are read as capitals: {}": "{0}中的小写标签按大写读取：{1}",
    "repaired the labels of {} of {} sentences of {}": "{2}的 {1} 个句子中修复了 {0} 个的标签",
    "took the words, joined, for the text of {} of {} sentences of {}":
        "{2}的 {1} 个句子中有 {0} 个以各词相连作为原文",
    "passed over {} words of {} that are white space": "跳过{1}中 {0} 个空白的词",
    "left out {} sentences of {} that have no words": "略去{1}中 {0} 个没有词的句子",
    "no files of training beside test's: what needs them is left out of its scores":
        "测试文件旁没有训练文件：需要它们的分数不给出",
    "cut {} of {} sentences of {} into pieces that the model reads": "{2}的 {1} 个句子中有 {0} 个切成模型能读的几段",
    "{} has no entity: precision, recall and F1 are left out of its scores": "{0}没有实体：不给出精确率、召回率和 F1",
    "texts are split into words by {}, as entities of train show": "文本按 {0} 分词，由训练集的实体看出",
    "fitted {} entities of {} to whole words, such as {}": "{1}的 {0} 个实体调整到整词，例如 {2}",
    "dropped {} entities of {} that overlap a longer one or an equal one":
        "去掉{1}中 {0} 个与更长或等长实体重叠的实体",
    "left out {} texts of {} that have no words": "略去{1}中 {0} 段没有词的文本",
    "left out {} texts of {} that nobody has accepted": "略去{1}中 {0} 段无人采纳的文本",
    "left out {} entities of {} that nobody has accepted": "略去{1}中 {0} 个无人采纳的实体",
    "left out {} annotations of {}: of several of a text, the first is taken":
        "略去{1}的 {0} 份标注：一段文本有几份时取第一份",
    "words from column {}, labels from column {} of {}; the first sentence: {}":
        "词取自 {2} 的第 {0} 列，标签取自第 {1} 列；第一句：{3}",
    "columns {} of {} look like labels: column {} is taken (set data.corpus.label_column)":
        "{1} 的第 {0} 列都像标签：取第 {2} 列（可设 data.corpus.label_column）",
    "words must be words, got {} in column {} of {}, where column {} reads like words (set "
    "data.corpus.word_column={})":
        "词应是词语，而 {2} 的第 {1} 列是 {0}，第 {3} 列才像词语（可设 data.corpus.word_column={4}）",
    "the columns of {} have a header: {}": "{0} 的各列有表头：{1}",
    "no word of {} has NER= in its last column, MISC: all are read as O":
        "{0} 的词在最后一列 MISC 中都没有 NER=：一律读作 O",
    "{} offsets may count code points or {}, got whole words by either: read as code points (set "
    "data.corpus.offsets=characters, or {})":
        "{0} 个位置按码点或按 {1} 计都落在整词上：按码点读取（请设 data.corpus.offsets=characters 或 {2}）",
    "all {} words of {} are one sentence: a blank line, or a column headed sent_id, divides sentences, and "
    "there is none in {}":
        "{1}的 {0} 个词都在同一个句子里：句子由空行或 sent_id 列分开，而 {2} 中两者都没有",
    "predict splits raw text otherwise: {} of {} training words can't come out of it (give predict --words)":
        "predict 对原始文本的分词不同：训练集的 {1} 个词中有 {0} 个分不出来（predict 时请加 --words）",
    "training had no entity of {}: none is found": "训练时没有 {0} 类实体：一个也不会找到",
    "training has no entity of {}, which {} has: none will be found":
        "训练集没有 {0} 类实体，而{1}有：一个也不会找到",
    "types of entities that differ only in case, blanks or hyphens are learnt as different ones: {} (write "
    "each in one way in the files, or set data.root)":
        "只在大小写、空白或连字符上不同的实体类型按不同类型学习：{0}（请在文件中统一写法，或设 data.root）",
    "neither val nor test has an entity of {}, which training has: no score says how well it is found":
        "训练集有 {0} 类实体，而验证集和测试集都没有：没有分数能说明它找得多好",
    # images
    "classes that differ only in case, blanks or hyphens are learnt as different ones: {} (write each in one "
    "way in {})":
        "只在大小写、空白或连字符上不同的类别按不同类别学习：{0}（请在 {1} 中统一写法）",
    "left out {} files in {} that aren't named as images: {}": "略去 {1} 中 {0} 个不以图像命名的文件：{2}",
    "left out {} images without a row in {}: {}": "略去 {1} 中没有对应行的 {0} 张图像：{2}",
    "left out {} of {} images, which are broken: {}": "略去 {1} 张图像中损坏的 {0} 张：{2}",
    "left out of {}, because runs wrote it ({} folders): {}": "略去 {0} 中由运行写出的 {1} 个目录：{2}",
    "names in {} don't say their encoding and are read as {}: {} (if they are wrong, set data.zip_encoding)":
        "{0} 中的文件名没有注明编码，按 {1} 读取：{2}（如果不对，请设 data.zip_encoding）",
    "no picture of 16 bits reaches level {}, of {}: the brightest pixel has {} of 65535, so all are nearly "
    "black (if they hold 12 bits or fewer, scale them to 16)":
        "{1} 张 16 位图像没有一张达到 {0}：最亮的像素为 {2}（最大 65535），所以几乎全黑（若只有 12 位或更少，请放"
        "大到 16 位）",
    "the folder {} is taken for {}": "目录 {0} 当作{1}",
    "all classes hold the same folders, {}: these may be the classes, and what is taken for classes splits "
    "(name splits train, val and test)":
        "各类别下的目录都相同：{0}。它们可能才是类别，而当作类别的其实是划分（划分请命名为 train、val 和 test）",
    "{} has no image of {}: {}": "{0}没有 {1} 类的图像：{2}",
    "the model won't know them": "模型学不到它们",
    "their scores say nothing": "它们的分数没有意义",
    "left out {} images in {} of a kind that isn't read: {} (convert them to JPEG or PNG)":
        "略去 {1} 中 {0} 张读不了的格式的图像：{2}（请转换为 JPEG 或 PNG）",
    "{} of {} images of test are in train or val of {}, byte for byte: these scores aren't of unseen images "
    "(remove them, or set data.root to other images)":
        "{1} 张测试图像中有 {0} 张与 {2} 的训练集或验证集逐字节相同：这些分数不是未见过的图像上的分数"
        "（请去掉，或把 data.root 设为别的图像）",
    "{} and {} share {} images, {}: scores on {} aren't those on unseen images (remove the copies)":
        "{0}与{1}有 {2} 张相同的图像：{3}。{4}的分数不是未见过的图像上的分数（请去掉重复的）",
    "{} images are there in two classes or more: {} (remove the wrong ones)":
        "{0} 张图像同时属于两个以上的类别：{1}（请去掉错的）",
    "the extractor {} was trained on other classes ({}, ...) than this data's ({}, ...): its scores may miss "
    "what matters here, and class_accuracy isn't measured (set extractor)":
        "特征提取器 {0} 的训练类别（{1} 等）不是这份数据的（{2} 等）：它的分数可能看不到这里要紧的东西，也不测类"
        "别准确率（可设 extractor）",
    "images are normalised as the weights were trained: mean {}, deviation {}":
        "图像按训练这些权重时的方式归一化：均值 {0}，标准差 {1}",
    # boxes
    "classes that differ only in case, blanks or hyphens are learnt as different ones: {} (write each in one "
    "way in the annotations)":
        "只在大小写、空白或连字符上不同的类别按不同类别学习：{0}（请在标注中统一写法）",
    "mended or dropped {} boxes: {}": "修正或去掉 {0} 个框：{1}",
    "{} images of {} are found by their names alone: {} is {}": "{1} 中有 {0} 张图像只凭文件名找到：{2} 即 {3}",
    "of the {} images of train, {} are held out": "训练集的 {0} 张图像中，{1}留出",
    "{} images in {} have no annotation and are left out": "略去 {1} 中没有标注的 {0} 张图像",
    "{} lists {} of its {} images again, {} for one: what is boxed in one copy only is background in the "
    "other, and scores count both (mend the annotations)":
        "{0}的 {2} 张图像中有 {1} 张重复列出，如 {3}：只在一份中有框的目标在另一份中是背景，而两份都计分（请修正"
        "标注）",
    "{} boxes are there twice, with the same corners and class: only one of two can be found (mend the "
    "annotations)":
        "{0} 个框以相同的角点和类别重复出现：每两个中只能检出一个（请修正标注）",
    "{} and {} share {} images: scores on {} aren't those on unseen images (set {})":
        "{0}与{1}有 {2} 张相同的图像：{3}的分数不是未见过的图像上的分数（请设 {4}）",
    "no box of {} in train: what it is can't be learnt": "训练集中没有 {0} 的框：学不到",
    "no box is larger than 1 pixel: they may be shares of the images' sides, where this format has pixels "
    "(mend the annotations)":
        "没有一个框大于 1 个像素：可能是边长的比例，而这种格式以像素计（请修正标注）",
    "bbox looks like left, top, right, bottom, where COCO has left, top, width, height: of {} boxes {} have the "
    "area of corners (mend the annotations: write width = right - left, height = bottom - top)":
        "bbox 看来是左、上、右、下，而 COCO 是左、上、宽、高：{0} 个框中有 {1} 个的 area 是按角点算的"
        "（请修正标注：写 宽 = 右 - 左，高 = 下 - 上）",
    "bbox looks like left, top, right, bottom, where COCO has left, top, width, height: of {} boxes {} leave "
    "their image, and none does as corners (mend the annotations: write width = right - left, height = bottom - top)":
        "bbox 看来是左、上、右、下，而 COCO 是左、上、宽、高：{0} 个框中有 {1} 个超出图像，当作角点则没有一个超出"
        "（请修正标注：写 宽 = 右 - 左，高 = 下 - 上）",
    "bbox looks like left, top, right, bottom, where COCO has left, top, width, height: of {} boxes all have the "
    "third and fourth numbers above the first two (mend the annotations: write width = right - left, "
    "height = bottom - top)":
        "bbox 看来是左、上、右、下，而 COCO 是左、上、宽、高：{0} 个框的第三、四个数都大于前两个"
        "（请修正标注：写 宽 = 右 - 左，高 = 下 - 上）",
    "area is larger than width times height in {} of {} boxes: area or bbox may be of another image size, or not "
    "what COCO has (mend the annotations)":
        "{1} 个框中有 {0} 个的 area 大于宽乘高：area 或 bbox 可能属于另一种图像尺寸，或不是 COCO 的写法（请修正标注）",
    "corners look like x, y, width, height: {} of {} boxes have xmax below xmin or ymax below ymin (mend the "
    "annotations: write xmax = x + width, ymax = y + height)":
        "角点看来是 x、y、宽、高：{1} 个框中有 {0} 个的 xmax 小于 xmin 或 ymax 小于 ymin"
        "（请修正标注：写 xmax = x + 宽，ymax = y + 高）",
    "corners look like x, y, width, height: all {} boxes lie in the upper left of their images (mend the "
    "annotations: write xmax = x + width, ymax = y + height)":
        "角点看来是 x、y、宽、高：{0} 个框都在图像的左上部（请修正标注：写 xmax = x + 宽，ymax = y + 高）",
    "corners look like centre, width, height: {} of {} boxes have xmax below xmin or ymax below ymin (mend the "
    "annotations: write xmin = x - width / 2, xmax = x + width / 2, likewise ymin and ymax)":
        "角点看来是中心、宽、高：{1} 个框中有 {0} 个的 xmax 小于 xmin 或 ymax 小于 ymin"
        "（请修正标注：写 xmin = x - 宽 / 2，xmax = x + 宽 / 2，ymin 与 ymax 同理）",
    "bbox looks like centre, width, height, where COCO has left, top, width, height: of {} boxes {} leave their "
    "image, and none does about centres (mend the annotations: write left = x - width / 2, top = y - height / 2)":
        "bbox 看来是中心、宽、高，而 COCO 是左、上、宽、高：{0} 个框中有 {1} 个超出图像，当作中心则没有一个超出"
        "（请修正标注：写 左 = x - 宽 / 2，上 = y - 高 / 2）",
    "boxes look like left, top, right, bottom, where YOLO has centre, width, height: of {} boxes {} leave their "
    "image, and none does so (mend the annotations: write x = (left + right) / 2, y = (top + bottom) / 2, "
    "width = right - left, height = bottom - top)":
        "框看来是左、上、右、下，而 YOLO 是中心、宽、高：{0} 个框中有 {1} 个超出图像，这样读则没有一个超出"
        "（请修正标注：写 x = (左 + 右) / 2，y = (上 + 下) / 2，宽 = 右 - 左，高 = 下 - 上）",
    "boxes look like left, top, width, height, where YOLO has centre, width, height: of {} boxes {} leave their "
    "image, and none does so (mend the annotations: write x = left + width / 2, y = top + height / 2)":
        "框看来是左、上、宽、高，而 YOLO 是中心、宽、高：{0} 个框中有 {1} 个超出图像，这样读则没有一个超出"
        "（请修正标注：写 x = 左 + 宽 / 2，y = 上 + 高 / 2）",
    "{} images with boxes are turned as their EXIF says, {}, and no size tells whether their boxes were "
    "drawn on the upright picture: look at maps/ (or take the orientation out of the files: exiftool "
    "-Orientation= FILE)":
        "{0} 张有框的图像按 EXIF 旋转（{1}），从尺寸看不出框是否画在转正的图上：请看 maps/（或去掉文件中的方向："
        "exiftool -Orientation= FILE）",
    "{} has no objects to be found: it has no average precision": "{0}没有可检出的目标：不给出平均精度",
    "{} of {} images have no text file of boxes, {} for one: they count as images without objects":
        "{1} 张图像中有 {0} 张没有框的文本文件，如 {2}：按没有目标处理",
    "{} shapes without an area are left out ({})": "略去 {0} 个没有面积的形状（{1}）",
    "{} has no boxes and only names what others are kinds of: it is no class":
        "{0} 没有框，只作其他类别的上级：不算类别",
    "{} has up to {} objects an image, and this model finds at most {}: it can't find all ({})":
        "{0}的图像最多有 {1} 个目标，而这个模型最多检出 {2} 个：不可能全部检出（{3}）",
    "set model=detr, or another that finds several": "请设 model=detr，或换一个能检出多个目标的模型",
    "set model.num_queries": "请设 model.num_queries",
    "COCO's scores count no more": "COCO 的分数也不计更多",
}  # fmt: skip
