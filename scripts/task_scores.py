"""The scores of each task, by its own word: a task is built without weights, and asked what it measures."""

from functools import cache
from typing import Final, NamedTuple

import torch

from attnlab.commands.list import grid
from attnlab.config.choices import choice
from attnlab.config.conf_path import conf_dir
from attnlab.language import Language, Words
from attnlab.metrics.described import said_of
from attnlab.runs import build

# What one name means another thing by in each task.
OF_TASKS: Final = {
    ("ner", "precision"): Words("share of the entities found that are right, 0 to 1", "找出的实体中正确的比例，0 到 1"),
    ("ner", "recall"): Words(
        "share of the entities there are that are found, 0 to 1", "实有的实体中被找出的比例，0 到 1"
    ),
    ("image_generation", "precision"): Words(
        "share of samples that look like real images, 0 to 1", "样本中像真实图像的比例，0 到 1"
    ),
    ("image_generation", "recall"): Words(
        "share of real images that samples look like, 0 to 1", "真实图像中有样本与之相像的比例，0 到 1"
    ),
    ("language_modelling", "accuracy"): Words(
        "share of tokens that are the most probable, 0 to 1", "正是最可能者的词元所占的比例，0 到 1"
    ),
}


class TaskScore(NamedTuple):
    """A task's score without its split, and which of its values is the better, `max` or `min`."""

    task: str
    name: str
    better: str

    def said(self, language: Language) -> str:
        """What it says; empty where nobody has said so."""
        found = OF_TASKS.get((self.task, self.name)) or said_of(self.name)
        return found.said(language) if found else ""


@cache
def scores_of(task: str) -> tuple[TaskScore, ...]:
    """Those that the best checkpoint may be chosen by, with the model and data that the task brings."""
    model = choice("task", task, [conf_dir()]).chooses["model"]
    config = grid.pair(task, model).resolved()
    with torch.device("meta"):
        measured = build.build_task(config, grid.example_sizes(config), None).measured
    return tuple(TaskScore(task, name.removeprefix("val/"), better) for name, better in measured.items())
