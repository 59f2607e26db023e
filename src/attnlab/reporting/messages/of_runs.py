"""Of training, tests and predictions, as the table of data has it."""

from typing import Final

OF_RUNS: Final[dict[str, str]] = {
    # how a run begins and goes on
    "which code of yours this run was begun with isn't on record ({} to be sure)":
        "这次运行开始时用的是你的哪份代码没有记录（为稳妥请 {0}）",
    "a new run, of results {}; {} is the same run of results {}":
        "新的运行，结果版本 {0}；{1} 是结果版本 {2} 的同一运行",
    "whether the data has changed since this run can't be told: {}": "无法判断数据在这次运行之后是否变过：{0}",
    "continuing at update {} of {}": "从第 {0} 次更新继续，共 {1} 次",
    "going on from {} at update {}, to {}": "从 {0} 的第 {1} 次更新继续，直到第 {2} 次",
    "going on at a learning rate of {}": "以学习率 {0} 继续",
    "not to the same bits as without the interruption: {}": "与未中断时相比不会逐位相同：{0}",
    "the run that this one goes on from was ended by a callback before its last update; what that callback "
    "had counted still counts, and may end this one as soon":
        "所接续的运行在最后一次更新之前由回调结束；该回调已计的数仍然有效，可能同样早地结束这次运行",
    "{}; trying the one before": "程序报告：“{0}”；改试前一个",
    "pruned at update {}": "在第 {0} 次更新时提前结束",
    "{} draws its initial weights in another order each time, so other mechanisms' runs of this seed don't "
    "share them":
        "{0} 每次以不同的次序抽取初始权重，所以同一种子下其他机制的运行与它的初始权重不同",
    "nothing is fetched from {}, which only this run's config names, and from {} instead, if need be (set {} "
    "to fetch from elsewhere)":
        "不从 {0} 下载：只有这次运行的配置提到它；需要时改从 {1} 下载（要换地址，请设 {2}）",
    # weights that it begins with
    "these weights begin anew, and the others are of {}: {}": "这些权重重新初始化，其余取自 {0}：{1}",
    "{} of {} weights are of {}; these don't fit by name and shape, and begin anew: {}":
        "{1} 个权重中有 {0} 个取自 {2}；以下的名称或形状不符，重新初始化：{3}",
    "rows are taken by what they stand for, and others begin anew: {}":
        "各行按其所代表的内容取用，其余重新初始化：{0}",
    "the weights of {} were trained with other classes or words than this data's: those that stand for a "
    "class or a word may mean another one now":
        "{0} 的权重是用别的类别或词训练的：代表某个类别或词的权重现在可能指另一个",
    # what is learned
    "{} (try a lower optimizer.lr{}, or more updates)": "{0}（可试更小的 optimizer.lr{1}，或更多更新）",
    "{} (try another optimizer.lr{}, or more updates)": "{0}（可试别的 optimizer.lr{1}，或更多更新）",
    ", now {}": "（现为 {0}）",
    "the training loss hasn't fallen: {} at first, {} over the last quarter":
        "训练损失没有下降：最初 {0}，最后四分之一平均 {1}",
    "{} sees later positions where it is causal: loss and scores are of what a model mustn't know (attnlab check "
    "{} says where)":
        "{0} 在因果注意力中看到了后面的位置：损失和分数用到了模型不该知道的内容（attnlab check {1} 会指出在哪里）",
    "{} sees keys that its key_mask hides: scores depend on the padding of the batch (attnlab check {} says where)":
        "{0} 看到了 key_mask 遮住的键：分数取决于批次中的填充（attnlab check {1} 会指出在哪里）",
    "no gradient comes to some weights of {} or before it: they stay as they began (attnlab check {} says which)":
        "{0} 自身或它之前的一些权重得不到梯度，会一直停在初始值（attnlab check {1} 会指出是哪些）",
    "nothing is learned at a learning rate of {} (set optimizer.lr)": "学习率为 {0}，什么也学不到（请设 optimizer.lr）",
    "the learning rate never comes to its peak: its warm-up takes {} updates, and the run {} (set "
    "scheduler.warmup_steps)":
        "学习率升不到峰值：预热要 {0} 次更新，而运行只有 {1} 次（请设 scheduler.warmup_steps）",
    "all {} answers to the test are the same, {}": "测试的 {0} 个回答全都一样：{1}",
    "an empty one": "空的",
    "that there is nothing": "什么也没有",
    "{} answers to the test are only {} different ones": "测试的 {0} 个回答中只有 {1} 种",
    "accuracy {} is no better than that of always saying {}, {}": "准确率 {0} 不高于总是回答 {1} 的准确率 {2}",
    "test {} is 0: nothing was right": "测试的 {0} 为 0：没有一个回答是对的",
    "{} since update {}: {}": "从第 {1} 次更新起{0}：{2}",
    "{} is over at update {}": "{0}在第 {1} 次更新时结束",
    "discriminator saturation": "判别器饱和",
    "mode collapse": "模式崩溃",
    "{}, of the best checkpoint": "{0}（最佳检查点）",
    "the discriminator judges {} of real and {} of generated images right":
        "判别器判对 {0} 的真实图像和 {1} 的生成图像",
    "samples differ from each other by {} of what real images do": "样本之间的差别只有真实图像之间的 {0}",
    "{} of samples look real, but they cover {} of real images": "{0} 的样本看起来真实，但只覆盖真实图像的 {1}",
    "{} of samples look real, but {} of {} classes are missing": "{0} 的样本看起来真实，但 {2} 个类别中缺少 {1} 个",
    "samples weren't looked through: {}": "没有检查样本：{0}",
    # what is tested
    "nothing is validated in {} updates, of which the last is tested, not the best (set "
    "trainer.val_check_interval={} or less, and trainer.limit_val_batches=null)":
        "{0} 次更新中没有验证，测试用的是最后的权重，而不是最佳检查点（请设 trainer.val_check_interval={1} 或更小，且 "
        "trainer.limit_val_batches=null）",
    "no validation gave a number for {}: the last update is tested, not the best":
        "没有一次验证给出 {0} 的数值：测试用的是最后的权重，而不是最佳检查点",
    "scores are of {} of {} test examples (trainer.limit_test_batches)":
        "分数只取自 {1} 个测试样本中的 {0} 个（trainer.limit_test_batches）",
    "scores of {} samples are biased and differ from those of more (fewer than {})":
        "{0} 个样本的分数有偏，与样本更多时的分数不可比（少于 {1} 个）",
    "no entity in {} test sentences: precision, recall and F1 are left out":
        "{0} 个测试句中没有实体：不给出精确率、召回率和 F1",
    "blocks of {} tokens are tested in contexts of {} alone, of which the model has positions (set "
    "model.positions to sinusoidal or none)":
        "{0} 个词元的块只在 {1} 个词元的上下文中测试，模型只有这么多位置（可把 model.positions 设为 sinusoidal 或"
        " none）",
    "BLEU isn't given: no reference has {} tokens ({}), the runs it counts":
        "不给出 BLEU：没有一个参考译文有它所计的 {0} 个连续词元（{1}）",
    "BLEU says little: the tokenizer {} parts words at spaces, and {} of the references' letters are of "
    "scripts without (set task.bleu_tokenizer={})":
        "BLEU 说明不了多少：分词器 {0} 按空格分词，而参考译文有 {1} 的字符属于不用空格的文字（请设 "
        "task.bleu_tokenizer={2}）",
    "ROUGE is 0 for {} of {} documents: no reference of theirs has a letter or digit":
        "{1} 篇文档中有 {0} 篇的 ROUGE 为 0：它们的参考摘要都没有字母或数字",
    "{} isn't this run's: {} (what comes of it is the other run's; put back this run's own, or train it anew with "
    "fresh=true)":
        "{0} 不是这次运行的：{1}（由它得出的属于另一次运行；请放回这次运行自己的检查点，或用 fresh=true 重新训练）",
    "the data has changed since this run: sha256 was {}, now {}":
        "数据在这次运行之后有了变化：sha256 原为 {0}，现为 {1}",
    "the data has changed since this run: sha256 was {}, now {}; newer than its record: {}":
        "数据在这次运行之后有了变化：sha256 原为 {0}，现为 {1}；比它的记录新的是 {2}",
    "{}; these are scores of what is there now (restore it for those of the run's)":
        "{0}；这里是现在这份数据的分数（要这次运行自己的分数，请恢复数据）",
    "{} has changed since the run in {} began: sha256 was {}, now {}":
        "{1} 的运行开始之后，{0} 有了变化：sha256 原为 {2}，现为 {3}",
    "{}, code of your own of the run in {}, isn't found from here: {}":
        "从这里找不到 {1} 的运行所用的你自己的代码 {0}：{2}",
    "work in the folder that holds it, or set PYTHONPATH to that":
        "请在它所在的目录中操作，或把 PYTHONPATH 设为该目录",
    "it is in {} (work there, or set PYTHONPATH={})": "它在 {0} 中（请在那里操作，或设 PYTHONPATH={1}）",
    # what is predicted
    "cut {} of {} inputs to the {} tokens that the model reads": "{1} 个输入中有 {0} 个截断到模型能读的 {2} 个词元",
    "read the last {} of {} tokens of an input": "一个输入的 {1} 个词元只读了最后 {0} 个",
    "{} of {} tokens of an input are none that the model was trained on":
        "一个输入的 {1} 个词元中有 {0} 个模型训练时从未见过",
    "{} of {} {} of {} are unknown to this model or bare bytes: it was trained on other letters than these":
        "{3}里有 {1} 个{2}，其中 {0} 个是这个模型不认得的或只是字节：它训练时的字符与此不同",
    "the input": "输入",
    "{} of {} inputs": "{0} 个输入（共 {1} 个）",
    "cut {} of {} inputs into pieces of the {} words that the model reads":
        "{1} 个输入中有 {0} 个切成模型能读的 {2} 个词一段",
    # pictures and logs
    "no attention maps: {}": "没有注意力图：{0}",
    "no samples: {}": "没有样例：{0}",
    "{} (begin the run anew: its own attnlab train command with fresh=true)":
        "{0}（请用该运行自己的 attnlab train 命令加 fresh=true 重新训练）",
    "line {} of {} is damaged": "{1} 的第 {0} 行损坏",
    "no picture {}: {}": "没有画出 {0}：{1}",
    "no confusion picture: {}": "没有混淆矩阵：{0}",
    "no picture of samples ({}): {}": "没有样本图（{0}）：{1}",
    "no learning curves: {}": "没有学习曲线：{0}",
    "{}: {} lines aren't step,metric,value and are left out (first: {})":
        "{0}：略去 {1} 行，它们不是 step,metric,value（第一行：{2}）",
    "wandb can't be told {}: this run is logged offline (mend it, or unset it)":
        "无法把 {0} 告诉 wandb：该运行离线记录（请改正或取消它）",
    "wandb can't be reached ({}): this run is logged offline": "连不上 wandb（{0}）：该运行离线记录",
    "wandb is off for the rest of this run: {}": "该运行的其余部分不再用 wandb：{0}",
    "the study isn't in wandb: {}": "研究没有写入 wandb：{0}",
    # sweeps and clusters
    "one run at a time: each takes {} of {} cores (trainer.threads says how many a process takes)":
        "一次只运行一个：每个用 {1} 个核中的 {0} 个（trainer.threads 决定一个进程用几个）",
    "Best parameters: {}": "最佳参数：{0}",
    "Best value: {}": "最佳值：{0}",
    "study {}: {} trials to go": "研究 {0}：还有 {1} 次试验",
    "the study is to {} what the runs are to {}, got task.mode={} (set hydra.sweeper.direction=null)":
        "研究要对运行所 {1} 的量作 {0}，而 task.mode={2}（请设 hydra.sweeper.direction=null）",
    "putting job {} back in the queue, to go on from here": "作业 {0} 回到队列，之后从这里继续",
    "SLURM is about to end this job: the checkpoint is written": "SLURM 即将结束这个作业：检查点已写出",
    "job {} can't be put back in the queue: {}": "作业 {0} 无法回到队列：{1}",
    "the job can't be put back in the queue: {}": "作业无法回到队列：{0}",
    "{} jobs of SLURM, from {} on; their output is in {}": "SLURM 的 {0} 个作业，从 {1} 起；输出在 {2}",
    "the jobs stay with SLURM: {}": "作业留在 SLURM 中：{0}",
    "SLURM doesn't answer: {}": "SLURM 没有应答：{0}",
    # parts of these
    "{} and {} more": "{0} 等（另有 {1} 个）",
    "{}; and {} more": "{0}；另有 {1} 个",
}  # fmt: skip
