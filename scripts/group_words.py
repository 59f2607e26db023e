"""What the reference's pages of groups say beside what the YAML says: titles, and how each is chosen."""

from typing import Final, NamedTuple

from attnlab.language import Words


class GroupPage(NamedTuple):
    """A page's file without its ending, its title, and its first sentences."""

    file: str
    title: Words
    intro: Words


GROUP_PAGES: Final[dict[str, GroupPage]] = {
    "task": GroupPage(
        "tasks",
        Words("Tasks", "任务"),
        Words(
            "What is learned and how it is scored. A task brings a model, data and a tokenizer of its own; another one "
            "may take the place of each.",
            "学什么、怎样评分。任务带来自己的模型、数据和分词器，每样都可替换。",
        ),
    ),
    "model": GroupPage(
        "models",
        Words("Models", "模型"),
        Words("What is trained. Mechanisms stand in a model's slots.", "训练的对象。机制用在模型的槽位里。"),
    ),
    "data": GroupPage(
        "data",
        Words("Data", "数据"),
        Words(
            "Sets that are bundled, downloaded once or made up, and formats of your own files.",
            "随包附带、下载一次或人工生成的数据集，以及你自己的文件可用的格式。",
        ),
    ),
    "tokenizer": GroupPage(
        "tokenizers",
        Words("Tokenizers", "分词器"),
        Words("How text becomes numbers.", "文本怎样变成编号。"),
    ),
    "optimizer": GroupPage(
        "optimizers",
        Words("Optimizers", "优化器"),
        Words("How gradients move weights.", "梯度怎样更新权重。"),
    ),
    "scheduler": GroupPage(
        "schedulers",
        Words("Schedulers", "学习率调度"),
        Words("How the learning rate goes over a run.", "学习率在运行中怎样变化。"),
    ),
    "trainer": GroupPage(
        "trainers",
        Words("Trainers", "训练设置"),
        Words("How long, on what and how precisely a run trains.", "训练多久、在什么设备上、以什么精度。"),
    ),
    "callbacks": GroupPage(
        "callbacks",
        Words("Callbacks", "回调"),
        Words(
            "What is recorded along the way; several stand in a list: `callbacks=[default,early_stopping]`.",
            "运行途中记录什么；多个写成列表：`callbacks=[default,early_stopping]`。",
        ),
    ),
    "logger": GroupPage(
        "loggers",
        Words("Loggers", "日志记录器"),
        Words("Where scores of training and validation go.", "训练和验证的分数写到哪里。"),
    ),
    "extractor": GroupPage(
        "extractors",
        Words("Extractors", "特征提取器"),
        Words(
            "In whose features generated images are compared with real ones.",
            "用谁的特征把生成的图像与真实图像相比。",
        ),
    ),
    "adversarial_loss": GroupPage(
        "adversarial_losses",
        Words("Adversarial losses", "对抗损失"),
        Words("What the two networks of image generation play for.", "图像生成的两个网络各自优化什么。"),
    ),
    "experiment": GroupPage(
        "experiments",
        Words("Experiments", "实验"),
        Words(
            "Recipes that set several groups and keys at once; the command line wins over them.",
            "一次设定若干配置组和键的配方；命令行仍优先。",
        ),
    ),
    "study": GroupPage(
        "studies",
        Words("Studies", "研究"),
        Words(
            "Comparisons with a verdict, run by `attnlab study NAME`; [how they work](../studies.md).",
            "给出结论的比较，用 `attnlab study NAME` 运行；[怎样进行](../studies.zh.md)。",
        ),
    ),
    "hydra/launcher": GroupPage(
        "launchers",
        Words("Launchers", "启动器"),
        Words(
            "Where a sweep's runs are started; [clusters](../cluster.md).",
            "扫描的各次运行从哪里启动；[集群](../cluster.zh.md)。",
        ),
    ),
    "hydra/sweeper": GroupPage(
        "sweepers",
        Words("Sweepers", "扫描方式"),
        Words("How a sweep's runs are chosen.", "扫描的各次运行怎样选取。"),
    ),
}
RUN_PAGE: Final = GroupPage(
    "run",
    Words("A run's own keys", "运行自己的键"),
    Words(
        "Keys that every run has, whatever is chosen; `attnlab list train` shows them, too.",
        "每次运行都有的键，无论选了什么；`attnlab list train` 也会列出。",
    ),
)

# Of all pages.
OPTION: Final = Words("name", "名称")
WHAT: Final = Words("what it is", "说明")
TASKS: Final = Words("tasks", "任务")
KEY: Final = Words("key", "键")
DEFAULT: Final = Words("default", "默认值")
SET_TO: Final = Words("set to", "设为")
TO_SET: Final = Words("none: to be set", "无，须设定")
SHARED: Final = Words("Shared keys", "共有的键")
SHARED_INTRO: Final = Words(
    "Said once, as several have them; each section names those that it has.",
    "多个选项共有的键只在这里说明；各节列出自己有哪些。",
)
ALL_SHARED: Final = Words("The other [shared keys](#shared-keys) are as above.", "其余[共有的键](#共有的键)同上。")
SOME_SHARED: Final = Words("[Shared](#shared-keys): {}.", "[共有的键](#共有的键)中有：{}。")
NO_KEYS: Final = Words("No keys of its own.", "没有自己的键。")
FILE: Final = Words("configuration", "配置文件")
BRINGS: Final = Words("Brings {}.", "带来 {}。")
CHOOSES: Final = Words("Chooses {}.", "选用 {}。")
SLOTS: Final = Words("Slots for attention: {}.", "注意力的槽位：{}。")
FEATURES: Final = Words("`feature_attention=NAME` stands in it.", "可用 `feature_attention=NAME`。")
SLOT: Final = Words("of {}, for this slot alone", "{} 中的名称，只用于这一处")
SCORES: Final = Words(
    "Validation measures these, by which the best checkpoint may be chosen, and the test reports them of it, with "
    "others that `metrics.json` names:",
    "验证时测量下列分数，可按其中之一选最佳检查点；测试也报告它们，另有一些见 `metrics.json`：",
)
SCORE: Final = Words("score", "分数")
BETTER: Final = Words("better", "更好")
HIGHER: Final = {"max": Words("higher", "越高"), "min": Words("lower", "越低")}
OTHER_LANGUAGE: Final = {"en": "[中文]({})", "zh": "[English]({})"}
