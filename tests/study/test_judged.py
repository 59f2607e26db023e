from pathlib import Path
from typing import Any

import pytest
from tiny_study import ARMS
from tiny_tasks import TASKS, codec_of, config_of

from attnlab.errors import UserError
from attnlab.study.design import of_values
from attnlab.study.judged import Judged, judged


def study(**values: Any) -> Any:
    return of_values("small", Path("small.yaml"), {"control": "uniform", "arms": ARMS} | values)


DEFAULTS = {
    "translation": Judged(metric="chrf", better="max", margin=1.0),
    "summarization": Judged(metric="rouge_l", better="max", margin=0.01),
    "language_modelling": Judged(metric="loss", better="min", margin=0.02),
    "ner": Judged(metric="f1", better="max", margin=0.02),
    "image_classification": Judged(metric="accuracy", better="max", margin=0.01),
    "object_detection": Judged(metric="ap50", better="max", margin=0.02),
    "image_generation": Judged(metric="fid_fashion_mnist_cnn", better="min", margin=None),
}


@pytest.mark.parametrize("task", TASKS)
def test_each_task_says_by_what_it_is_judged(task: str) -> None:
    config, sizes = config_of(task), codec_of(task).sizes
    found = judged(study(), config, sizes)
    expected = DEFAULTS[task]
    assert (found.metric, found.better, found.margin) == (expected.metric, expected.better, expected.margin)
    with pytest.raises(UserError, match=r"metric must be a test score of the task, one of .*got nosuch \(set metric"):
        judged(study(metric="nosuch"), config, sizes)


def test_a_study_goes_before_its_task() -> None:
    config, sizes = config_of("translation"), codec_of("translation").sizes
    assert judged(study(metric="loss", margin=0.5), config, sizes) == Judged(metric="loss", better="min", margin=0.5)
    assert judged(study(metric="loss"), config, sizes).margin == 0.02
    assert judged(study(metric="perplexity"), config, sizes).margin is None
    # A task that writes nothing in validation is judged by its test all the same.
    silent = config | {"task": config["task"] | {"num_val_translations": 0}}
    assert judged(study(), silent, sizes).better == "max"


@pytest.mark.parametrize(
    "verdict, said",
    [
        ({"margins": {"chrf": 0}}, "a margin must be a number above 0, got 0 (set verdict.margins.chrf)"),
        ({"margins": [1]}, "margins must be numbers by metric, got [1]"),
        ({"metric": 3}, "metric must be the name of a test score, got 3 (set verdict.metric)"),
        ({"metric": "chfr", "margins": {"chrf": 1}}, "(did you mean chrf?), got chfr (set verdict.metric)"),
    ],
)
def test_a_tasks_own_mistake_is_one_line(verdict: dict[str, Any], said: str) -> None:
    config, sizes = config_of("translation"), codec_of("translation").sizes
    with pytest.raises(UserError) as refusal:
        judged(study(), config | {"verdict": verdict}, sizes)
    assert said in str(refusal.value)
